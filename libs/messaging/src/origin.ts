import { type Actor, currentTrace } from '@seam/kernel';
import type { Cause } from './committer.js';

/** Why a work is committed, as far as that is known; none of it for what a process does by itself, such as time limits. */
export interface Origin {
  /** The id of the message whose handling returned it. */
  readonly causationId?: string;
  /** Of a request, and not of a message: the id of its trace, 32 hexadecimal digits. */
  readonly traceId?: string;
  /** Of the business process. */
  readonly correlationId?: string;
  /** Who has made the request; missing if no token came with it. */
  readonly actor?: Actor;
}

/** The origin of a work that is submitted now. */
export function currentOrigin(cause: Cause | undefined): Origin {
  if (cause !== undefined) return { causationId: cause.messageId, correlationId: cause.correlationId };
  const request = currentTrace();
  if (request === undefined) return {};
  const { traceId, actor } = request;
  return actor === undefined ? { traceId } : { traceId, actor };
}
