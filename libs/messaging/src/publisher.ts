import type { Message } from '@seam/kernel';

/** A transport's sending side. */
export interface Publisher {
  /**
   * Resolves once the other side has the message for good: handled or dead-lettered by every receiver, in one process;
   * confirmed by the broker, split. Rejects when it cannot tell: the message is then sent again, under the same id.
   */
  publish(message: Message): Promise<void>;
}

/** The receiver stops, or no longer wants it now: not a failure of the message. */
export class NotTakenError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotTakenError';
  }
}
