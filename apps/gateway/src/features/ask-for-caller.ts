import { CodedError, currentTrace, type ErrorKind } from '@seam/kernel';
import { type Answer, ask, type Ask } from '../upstream/collect.js';
import type { Target } from '../upstream/target.js';

/** Why a part of an answer is missing. */
export interface Missing {
  readonly code: string;
  readonly reason: string;
}

/** Maximum time that a composed answer waits for each of its parts, ms. */
const PART_WITHIN_MS = 3_000;

/**
 * Asks a service on behalf of a request's caller. Resolves with its answer if the status is below 500, otherwise with
 * the reason why there is no answer.
 */
export async function askForCaller(
  target: Target,
  authorization: string | undefined,
  request: Pick<Ask, 'method' | 'path' | 'body'>,
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

/** The problem that a service answered with, to be passed on as the gateway's own. */
export function problemIn({ status, body }: Answer, service: string): CodedError {
  const { code, detail, errors } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  return new CodedError(
    KINDS[status] ?? 'bad-answer',
    typeof code === 'string' ? code : 'GATEWAY.BAD_ANSWER',
    typeof detail === 'string' ? detail : `The service ${service} answered ${status}`,
    Array.isArray(errors) ? (errors as CodedError['errors']) : undefined,
  );
}
