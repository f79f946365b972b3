import { CodedError, currentTrace, type ErrorKind } from '@seam/kernel';
import { type Answer, ask, type Ask } from '../upstream/collect.js';
import type { Target } from '../upstream/target.js';

/** Why a part of an answer is missing. */
export interface Missing {
  readonly code: string;
  readonly reason: string;
}

/** How long a composed answer waits for each of its parts. */
const PART_WITHIN_MS = 3_000;

/**
 * Asks a service in the name of a request's caller. Gives its answer, whatever its status below 500, or why there is
 * none.
 */
export async function askForCaller(
  target: Target,
  authorization: string | undefined,
  request: Pick<Ask, 'method' | 'path'>,
): Promise<Answer | Missing> {
  try {
    const traceparent = currentTrace()?.traceparent;
    const answer = await ask(target, { ...request, authorization, traceparent, withinMs: PART_WITHIN_MS });
    return answer.status < 500 ? answer : missing(problemIn(answer, target.name));
  } catch (error) {
    if (error instanceof CodedError) return missing(error);
    throw error;
  }
}

export const isMissing = (part: Answer | Missing): part is Missing => 'reason' in part;

const missing = ({ code, message }: CodedError): Missing => ({ code, reason: message });

const KINDS: Readonly<Record<number, ErrorKind>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  422: 'unprocessable',
  429: 'too-many',
  503: 'unavailable',
};

/** The problem a service answered with, to be passed on as the gateway's own. */
export function problemIn({ status, body }: Answer, service: string): CodedError {
  const { code, detail } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  return new CodedError(
    KINDS[status] ?? 'bad-answer',
    typeof code === 'string' ? code : 'GATEWAY.BAD_ANSWER',
    typeof detail === 'string' ? detail : `The service ${service} answered ${status}`,
  );
}
