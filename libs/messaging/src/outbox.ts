import type { Message } from '@seam/kernel';

/** Messages that one commit left to be sent, and that leave the outbox together once the other side has them all. */
export interface OutboxEntry {
  readonly id: string;
  readonly messages: readonly Message[];
  /** None: sent by the commit's own process, at once. */
  readonly notBefore?: Date;
  /** What is stored beside them, or instead, and is no message: to be set aside. */
  readonly unreadable?: { readonly reason: string; readonly content: string };
}

/** The messages that a service's commits have left to be sent, in its own store. */
export abstract class Outbox {
  /** Forgets entries whose messages the other side has. */
  abstract markDispatched(ids: readonly string[]): Promise<void>;

  /**
   * Takes up to `limit` entries under a lease, oldest first: delayed ones whose time has come, and others that their
   * own process should have sent long ago, or has given back. What another relay holds is skipped. An entry that cannot
   * be read is given as such, and keeps no other.
   */
  abstract claim(limit: number): Promise<OutboxEntry[]>;

  /** Ends the lease of entries that could not be sent: whoever looks after this time takes them. Unknown ones are skipped. */
  abstract giveBack(ids: readonly string[], afterMs: number): Promise<void>;

  /** Takes over what is there: for a start on a store that nobody else uses, where every message left is a dead process's. */
  abstract adopt(): Promise<void>;

  /** How many messages wait to be sent, delayed ones apart, and since when the oldest does. */
  abstract lag(): Promise<{ waiting: number; oldestSeconds: number }>;
}
