import type { AfterCommit, Committer } from '../committer.js';
import type { DeadLetters } from '../dead-letters.js';
import type { Outbox } from '../outbox.js';
import type { FakePublisher } from './notes.js';

/** One service's store on some engine, as the suites of its ports need it. */
export interface StoreRig {
  readonly outbox: Outbox;
  readonly deadLetters: DeadLetters;
  /** A committer like that of a separate process, with works of `NoteKind` registered. */
  committer(options: { relay: AfterCommit; batchLimit?: number }): Committer;
  /** All notes that were written, in any order. */
  notes(): Promise<string[]>;
  /** The texts of the messages that are still to be sent, sorted. */
  outboxTexts(): Promise<string[]>;
  /** Puts a row into the outbox that no valid writer would write; `stored` is its JSON. */
  putInOutbox(id: string, stored: string): Promise<void>;
  /** Ends all leases; delayed messages whose time has not come are not affected. */
  endLeases(): Promise<void>;
  /** The state of a first start: nothing stored. */
  clear(): Promise<void>;
  close(): Promise<void>;
  /** For a store without an outbox, whose works send nothing: the publisher of its redriven dead letters. */
  readonly publisher?: FakePublisher;
}
