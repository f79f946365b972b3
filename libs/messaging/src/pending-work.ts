import { currentTrace, type Message, newId, type OutgoingMessage } from '@seam/kernel';
import type { Cause } from './committer.js';
import { currentOrigin, type Origin } from './origin.js';
import type { OutboxEntry } from './outbox.js';
import type { Work, WorkKind } from './work.js';

export type Answer<T> =
  { readonly status: 'done'; readonly value: T; readonly ids: readonly string[] } | { readonly status: 'duplicate' };

/** One work that waits to be committed, with the caller that waits for its result. */
export interface PendingWork {
  readonly work: Work;
  readonly cause: Cause | undefined;
  readonly traceparent: string | undefined;
  readonly origin: Origin;
  readonly resolve: (answer: Answer<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

export const pendingWork = <T>(
  work: Work<T>,
  cause: Cause | undefined,
  resolve: (answer: Answer<T>) => void,
  reject: (error: unknown) => void,
): PendingWork => ({
  work,
  cause,
  traceparent: cause?.traceparent ?? currentTrace()?.traceparent,
  origin: currentOrigin(cause),
  resolve: resolve as (answer: Answer<unknown>) => void,
  reject,
});

/** A message and its handler, in the form that the inbox mark uses. */
export const identity = (cause: Pick<Cause, 'messageId' | 'handler'>): string => `${cause.messageId} ${cause.handler}`;

/** The inbox mark of a work; none if its own change recognises a repeated message. */
export const markOf = ({ cause, work }: Pick<PendingWork, 'cause' | 'work'>): Cause | undefined =>
  work.naturallyIdempotent === true ? undefined : cause;

export interface Posted {
  readonly message: Message;
  readonly notBefore?: Date;
  readonly cancelKey?: string;
}

/** The message in the form in which it is sent: with id, sender, time, cause and trace. */
export function post(outgoing: OutgoingMessage, source: string, at: string, from: PendingWork): Posted {
  const { notBefore, cancelKey, expiresInMs, ...content } = outgoing;
  if (cancelKey !== undefined && notBefore === undefined)
    throw new Error(`${outgoing.type} has a cancelKey, and is sent at once: give it a notBefore`);
  const expiresAt = content.expiresAt ?? timeAfter(notBefore ?? new Date(at), expiresInMs);
  const message: Message = {
    id: newId(),
    source,
    at,
    ...content,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(from.cause === undefined ? {} : { causationId: from.cause.messageId }),
    ...(from.traceparent === undefined ? {} : { traceparent: from.traceparent }),
  };
  if (notBefore === undefined) return { message };
  return cancelKey === undefined ? { message, notBefore } : { message, notBefore, cancelKey };
}

const timeAfter = (start: Date, ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(start.getTime() + ms).toISOString();

/**
 * A commit's messages: one entry for all that are sent at once, and one, under its own id, for each delayed message and for
 * each with a key. The place of a delayed one among those of its key is when it is sent.
 */
export function entriesOf(posted: readonly Posted[], id: string = newId()): OutboxEntry[] {
  const atOnce = posted
    .filter(({ message, notBefore }) => notBefore === undefined && message.key === undefined)
    .map(({ message }) => message);
  const alone = posted.flatMap(({ message, notBefore, cancelKey }): OutboxEntry[] => {
    const entry = { id: message.id, messages: [message] };
    if (cancelKey !== undefined && notBefore !== undefined) return [{ ...entry, notBefore, cancelKey }];
    if (notBefore !== undefined) return [{ ...entry, notBefore }];
    return message.key === undefined ? [] : [{ ...entry, key: message.key }];
  });
  return atOnce.length === 0 ? alone : [{ id, messages: atOnce }, ...alone];
}

/** What several works of one commit, in their order, send and cancel. */
export interface CommitMessages {
  readonly posted: readonly Posted[];
  /** To be cancelled in the store: messages of earlier commits. */
  readonly cancels: readonly string[];
}

/** Combines the works of a batch: one that cancels a message of an earlier one of them leaves it out. */
export function combineMessages(works: readonly CommitMessages[]): CommitMessages {
  if (works.every(({ cancels }) => cancels.length === 0))
    return { posted: works.flatMap(({ posted }) => posted), cancels: [] };
  let posted: Posted[] = [];
  for (const work of works) {
    const cancelled = new Set(work.cancels);
    posted = [
      ...posted.filter(({ cancelKey }) => cancelKey === undefined || !cancelled.has(cancelKey)),
      ...work.posted,
    ];
  }
  return { posted, cancels: [...new Set(works.flatMap(({ cancels }) => cancels))] };
}

/** Grouped by kind; kinds, and the works of each kind, in order of arrival. */
export function byKind<T>(all: readonly T[], pendingWorkOf: (one: T) => PendingWork): Map<WorkKind, T[]> {
  const groups = new Map<WorkKind, T[]>();
  for (const one of all) {
    const { kind } = pendingWorkOf(one).work;
    const group = groups.get(kind);
    if (group === undefined) groups.set(kind, [one]);
    else group.push(one);
  }
  return groups;
}
