import type { OutboxEntry } from './outbox.js';
import type { Work } from './work.js';

/** The message a work answers, and the handler that handled it: together the work's identity in the inbox. */
export interface Cause {
  readonly messageId: string;
  readonly handler: string;
  readonly correlationId: string;
  readonly traceparent?: string;
}

export interface CommitOptions {
  /**
   * Also wait, up to this many milliseconds, until the messages have reached the other side: handled, in one process;
   * confirmed by the broker, split. What is late is not lost, and the commit stands.
   */
  readonly dispatchedWithinMs?: number;
}

/**
 * One service's way to its store, and the one atom all rests on: a change, the messages it causes and the mark of the
 * message that caused it are written together or not at all. Works that wait at the same time share a commit, and each
 * is still answered for itself: one that fails is undone alone.
 *
 * Messages leave after the commit, at least once, in no promised order.
 */
export abstract class Committer {
  /** Commits a work that a caller asked for; resolves once it is durable. Rejects with the work's own error, nothing written. */
  abstract commit<T>(work: Work<T>, options?: CommitOptions): Promise<T>;

  /** Commits what handling a message came to; `duplicate` when this handler has committed this message before. */
  abstract handle(work: Work, cause: Cause): Promise<'done' | 'duplicate'>;

  /** Resolves when nothing waits to be committed. */
  abstract idle(): Promise<void>;
}

/** Takes the messages of a commit, after it. */
export interface AfterCommit {
  handOver(entries: readonly OutboxEntry[]): void;
  /** Resolves once the other side has these messages. */
  whenDispatched(ids: readonly string[]): Promise<void>;
}
