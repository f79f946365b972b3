/** Why broker and service do not match; stable, for logs and tests. */
export type BrokerFailure = 'MESSAGING.QUEUE_MISMATCH' | 'MESSAGING.SUBSCRIPTIONS';

/** The process cannot start with this broker. The message says what to do; `cause` holds the original failure. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';

  constructor(
    readonly code: BrokerFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The text of an error; amqplib throws errors of several kinds. */
export const wordsOf = (error: unknown): string =>
  error instanceof Error
    ? error.message === ''
      ? ((error as NodeJS.ErrnoException).code ?? error.name)
      : error.message
    : String(error);
