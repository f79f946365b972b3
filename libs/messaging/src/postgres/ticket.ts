import { currentTrace, type Message, newId, type OutgoingMessage } from '@seam/kernel';
import type { Cause } from '../committer.js';
import type { Work } from '../work.js';
import type { Posted } from './outbox.js';

export type Answer<T> =
  { readonly status: 'done'; readonly value: T; readonly ids: readonly string[] } | { readonly status: 'duplicate' };

/** One work on its way through the committer, and the caller who waits for its answer. */
export interface Ticket {
  readonly work: Work;
  readonly cause: Cause | undefined;
  readonly traceparent: string | undefined;
  readonly resolve: (answer: Answer<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

export const ticket = <T>(
  work: Work<T>,
  cause: Cause | undefined,
  resolve: (answer: Answer<T>) => void,
  reject: (error: unknown) => void,
): Ticket => ({
  work,
  cause,
  traceparent: cause?.traceparent ?? currentTrace()?.traceparent,
  resolve: resolve as (answer: Answer<unknown>) => void,
  reject,
});

/** The message as it travels: with its id, its sender, its time, its cause and its trace. */
export function post(outgoing: OutgoingMessage, source: string, at: string, from: Ticket): Posted {
  const { notBefore, ...content } = outgoing;
  const message: Message = {
    id: newId(),
    source,
    at,
    ...content,
    ...(from.cause === undefined ? {} : { causationId: from.cause.messageId }),
    ...(from.traceparent === undefined ? {} : { traceparent: from.traceparent }),
  };
  return notBefore === undefined ? { message } : { message, notBefore };
}
