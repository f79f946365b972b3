import type { Message } from '@seam/kernel';

/** The messages of one commit; they are deleted from the outbox together, once the receivers have all of them. */
export interface OutboxEntry {
  readonly id: string;
  readonly messages: readonly Message[];
  /** If undefined, the process that commits sends them at once. */
  readonly notBefore?: Date;
  /** Of a delayed message: the key that cancels it. */
  readonly cancelKey?: string;
  /** Its one message's key: it is sent in its turn, by the relay that claims it; see {@link OrderedOutbox}. */
  readonly key?: string;
  /** Stored content that is no valid message: it becomes a dead letter. */
  readonly unreadable?: { readonly reason: string; readonly content: string };
}

/**
 * The messages with a key, in their order: of two commits of which the second has seen the first, the messages of the first
 * come first. Claims of several processes may overlap, and the order is kept nevertheless, because each claim takes a key's
 * messages from the first one that was not dispatched, without a gap, and its relay sends each after the one before.
 */
export interface OrderedOutbox {
  /**
   * Claims up to `limit` entries under a lease, in their order, of keys whose first entry is not leased; of each such key
   * all from the first one on, as far as the limit allows. An entry that cannot be read is returned as such.
   */
  claim(limit: number): Promise<OutboxEntry[]>;
  /** Deletes entries whose messages the receivers have. */
  markDispatched(ids: readonly string[]): Promise<void>;
  /** Ends the lease of entries: any relay can claim them after this time. Unknown ones are skipped. */
  giveBack(ids: readonly string[], afterMs: number): Promise<void>;
}

/** The messages of a service's commits that are to be sent, in its own store. */
export abstract class Outbox {
  /** Undefined for a store that sends nothing. */
  abstract readonly ordered: OrderedOutbox | undefined;

  /** Deletes entries whose messages the receivers have. */
  abstract markDispatched(ids: readonly string[]): Promise<void>;

  /**
   * Claims up to `limit` entries under a lease, oldest first: delayed ones that are due, and entries whose own process has
   * not sent them for long, or has returned them. Entries claimed by another relay are skipped. An entry that cannot be
   * read is returned as such, and does not block others.
   */
  abstract claim(limit: number): Promise<OutboxEntry[]>;

  /** Ends the lease of entries that could not be sent: any relay can claim them after this time. Unknown ones are skipped. */
  abstract giveBack(ids: readonly string[], afterMs: number): Promise<void>;

  /** Takes over all entries: for a start on a store that no other process uses, where all of them are left by a dead process. */
  abstract adopt(): Promise<void>;

  /**
   * The number of messages that wait to be sent, without those that are still delayed, and the age of the oldest one.
   */
  abstract lag(): Promise<{ waiting: number; oldestSeconds: number }>;
}
