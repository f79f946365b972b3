import type { Message } from '@seam/kernel';

/** Limit of what may be sent at the same time; further messages wait in the outbox. */
export interface SendingWindow {
  readonly messages: number;
  readonly bytes: number;
}

/** A transport's sending side. */
export interface Publisher {
  /**
   * Resolves once the message is delivered: handled or dead-lettered by every receiver, within one process; confirmed by the
   * broker, between processes. Rejects if that is unknown: the message is then sent again, under the same id. Rejects with
   * an {@link UndeliverableError} if no retry can succeed.
   */
  publish(message: Message): Promise<void>;

  /** Whether it accepts messages now; without this function, always. While it does not, they stay in the outbox. */
  ready?(): boolean;

  /** Limit of what may be sent at the same time. */
  readonly window?: SendingWindow | undefined;
}

/** The receiver stops, or cannot accept the message now: this is no failure of the message. */
export class DeliveryRejectedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DeliveryRejectedError';
  }
}

/** This message can never be delivered: it becomes a dead letter of its sender. */
export class UndeliverableError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UndeliverableError';
  }
}
