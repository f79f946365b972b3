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
   * Also wait, up to this many milliseconds, until the messages have been delivered: handled, within one process; confirmed
   * by the broker, between processes. After this time the messages are still delivered, and the commit is still valid.
   */
  readonly dispatchedWithinMs?: number;
}

/**
 * A service's access to its store. It makes the atomic commit that all guarantees depend on: a change, the messages it causes
 * and the mark of the message that caused it are written together or not at all. Works that wait at the same time share a
 * commit, but each gets its own result: if one fails, only that one is rolled back.
 *
 * Messages are sent after the commit, at least once; those with a key in the order of their commits, others in any order.
 */
export abstract class Committer {
  /** Commits a work for a caller; resolves once it is durable. If the work fails, rejects with its error, and nothing is written. */
  abstract commit<T>(work: Work<T>, options?: CommitOptions): Promise<T>;

  /** Commits the work that handling a message returned; `duplicate` if this handler has committed this message before. */
  abstract handle(work: Work, cause: Cause): Promise<'done' | 'duplicate'>;

  /** Resolves when nothing waits to be committed. */
  abstract idle(): Promise<void>;

  /**
   * How long a work submitted now would wait in addition to the next commit, ms; 0 for a committer in which no work
   * waits longer.
   */
  get waitMs(): number {
    return 0;
  }
}

/** Receives the messages of a commit, after it. */
export interface AfterCommit {
  handOver(entries: readonly OutboxEntry[]): void;
  /** Resolves once the receivers have these messages. */
  whenDispatched(ids: readonly string[]): Promise<void>;
}
