import { CodedError } from '@seam/kernel';
import type { KnownElsewhere } from '@seam/messaging';
import { type Aggregate, type DomainEvent, foldUntilRefused } from './aggregate.js';
import type { RecordedEvent, StreamHistory } from './event-store.js';

/**
 * A stream has an event that its aggregate does not know, or fails on: only what needs this stream is refused. `cause` has the
 * reason, for operators only, as it may quote the event.
 */
export class UnreadableStreamError extends CodedError implements KnownElsewhere {
  readonly knownElsewhere = true;

  constructor(
    readonly stream: string,
    readonly version: number,
    cause: unknown,
    /** The state before that event. */
    readonly soFar?: unknown,
  ) {
    const what = `${stream} cannot be read from event ${version} onwards`;
    super('conflict', 'STREAM.UNREADABLE', `${what}; it is set aside, and staff see the reason at GET /api/set-aside`);
    this.name = 'UnreadableStreamError';
    this.cause = cause instanceof Error ? cause : new Error(String(cause));
  }
}

/** Is notified of each stream that is found to be unreadable. */
export type UnreadableObserver = (error: UnreadableStreamError) => void;

/** A stream's state and version, folded on top of a snapshot, and the problem if its events cannot be folded. */
export function readStream<S, E extends DomainEvent>(
  aggregate: Aggregate<S, E>,
  stream: string,
  events: readonly RecordedEvent[],
  snapshot?: StreamHistory['snapshot'],
): { readonly state: S; readonly version: number; readonly unreadable?: UnreadableStreamError } {
  const since = snapshot?.version ?? 0;
  const { state, applied, refused } = foldUntilRefused(aggregate, events, snapshot?.state as S | undefined, since);
  const version = events.at(-1)?.version ?? since;
  if (refused === undefined) return { state, version };
  return { state, version, unreadable: new UnreadableStreamError(stream, since + applied + 1, refused.error, state) };
}
