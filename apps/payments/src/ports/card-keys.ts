import type { Work } from '@seam/messaging';

/** The keys by which other services seal cards' tokens. A private key never leaves this service. */
export abstract class CardKeys {
  /**
   * The token that was sealed for this order; undefined if it was not, or if its key was deleted. Rejects if the store is
   * not available.
   */
  abstract tokenOf(orderId: string, sealed: string): Promise<string | undefined>;

  /**
   * Publishes the newest key; a new one if there is none, or if the newest is `replaces` or older than a day. In the same commit it orders the
   * replacement of a new key in a day, and deletes keys that were replaced more than a week ago. Repeating it is harmless.
   */
  abstract publish(replaces?: string): Work<void>;
}
