import type { Message } from '@seam/kernel';

/** The messages of one commit; they are deleted from the outbox together, once the receivers have all of them. */
export interface OutboxEntry {
  readonly id: string;
  readonly messages: readonly Message[];
  /** If undefined, the process that commits sends them at once. */
  readonly notBefore?: Date;
  /** Stored content that is no valid message: it becomes a dead letter. */
  readonly unreadable?: { readonly reason: string; readonly content: string };
}

/** The messages of a service's commits that are to be sent, in its own store. */
export abstract class Outbox {
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
