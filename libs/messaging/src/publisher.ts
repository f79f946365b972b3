import type { Message } from '@seam/kernel';

/** How much may be on its way at a time: what is beyond waits in the outbox. */
export interface SendingWindow {
  readonly messages: number;
  readonly bytes: number;
}

/** A transport's sending side. */
export interface Publisher {
  /**
   * Resolves once the other side has the message for good: handled or dead-lettered by every receiver, in one process;
   * confirmed by the broker, split. Rejects when it cannot tell: the message is then sent again, under the same id.
   * Rejects with an {@link UndeliverableError} where no other try will end otherwise.
   */
  publish(message: Message): Promise<void>;

  /** Whether it takes messages now; without it, always. While it does not, they are left in the outbox. */
  ready?(): boolean;

  /** How much it is to be given at a time. */
  readonly window?: SendingWindow | undefined;
}

/** The receiver stops, or no longer wants it now: not a failure of the message. */
export class DeliveryRejectedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DeliveryRejectedError';
  }
}

/** Nobody will ever take this message as it is: its sender gives it up. */
export class UndeliverableError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UndeliverableError';
  }
}
