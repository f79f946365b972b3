import type { AfterCommit, Committer } from '../committer.js';
import type { DeadLetters } from '../dead-letters.js';
import type { Outbox } from '../outbox.js';
import type { FakePublisher } from './notes.js';

/** One service's store on some engine, as the suites of its ports need it. */
export interface StoreRig {
  readonly outbox: Outbox;
  readonly deadLetters: DeadLetters;
  /** As a process of its own has it, with works of `NoteKind` registered. */
  committer(options: { relay: AfterCommit; batchLimit?: number }): Committer;
  /** All notes that were written, in any order. */
  notes(): Promise<string[]>;
  /** What the messages say that are still to be sent, sorted. */
  outboxTexts(): Promise<string[]>;
  /** Puts a row into the outbox as nobody should have written it; `stored` is its JSON. */
  putInOutbox(id: string, stored: string): Promise<void>;
  /** As if every lease had ended; delayed messages whose time has not come are not touched. */
  endLeases(): Promise<void>;
  /** As at the first start: nothing stored. */
  clear(): Promise<void>;
  close(): Promise<void>;
  /** Of a store without an outbox, whose works send nothing: what sends its dead letters on. */
  readonly publisher?: FakePublisher;
}
