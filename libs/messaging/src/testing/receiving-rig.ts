import { type Message, newId } from '@seam/kernel';
import { StoreAwayError } from '@seam/persistence';
import { Committer, type Cause } from '../committer.js';
import { Consumer, type DeadLetterStore } from '../consumer.js';
import type { FailedAttempt } from '../failure.js';
import type { Handler } from '../message-handlers.js';
import type { RetryPolicy } from '../retry-policy.js';
import type { Receiver as ReceivingSide } from '../transport.js';
import type { Work } from '../work.js';

export const fastRetries = { attempts: 3, firstDelayMs: 1, longestDelayMs: 2 };

export const message = (type: string, more: Partial<Message> = {}): Message => ({
  id: newId(),
  type,
  kind: 'event',
  source: 'elsewhere',
  correlationId: newId(),
  at: new Date().toISOString(),
  data: {},
  ...more,
});

/** Commits in memory: each message once per handler. */
class FakeCommitter extends Committer {
  readonly handled: { work: Work; cause: Cause }[] = [];
  answer: (cause: Cause) => Promise<void> = () => Promise.resolve();

  commit(): Promise<never> {
    return Promise.reject(new Error('not here'));
  }

  idle(): Promise<void> {
    return Promise.resolve();
  }

  async handle(work: Work, cause: Cause): Promise<'done' | 'duplicate'> {
    await this.answer(cause);
    if (
      this.handled.some(
        ({ cause: { messageId, handler } }) => messageId === cause.messageId && handler === cause.handler,
      )
    )
      return 'duplicate';
    this.handled.push({ work, cause });
    return 'done';
  }
}

interface StoredLetter {
  readonly message: Message;
  readonly handler: string;
  readonly reason: string;
  readonly attempts: number;
  readonly history: readonly FailedAttempt[] | undefined;
}

class FakeDeadLetterStore implements DeadLetterStore {
  readonly letters: StoredLetter[] = [];
  answer: () => Promise<void> = () => Promise.resolve();

  async store(
    message: Message,
    handler: string,
    reason: string,
    attempts: number,
    history?: readonly FailedAttempt[],
  ): Promise<void> {
    await this.answer();
    this.letters.push({ message, handler, reason, attempts, history });
  }
}

export const unavailable = (): Promise<never> => Promise.reject(new StoreAwayError());

/** One service's receiving side, with a store in memory. */
export class Receiver {
  readonly committer = new FakeCommitter();
  readonly deadLetters = new FakeDeadLetterStore();
  readonly consumer: Consumer;

  constructor(
    readonly service: string,
    retries: RetryPolicy = fastRetries,
  ) {
    const { committer, deadLetters } = this;
    this.consumer = new Consumer({ service, committer, deadLetters, retries });
  }

  /** Listens with these handlers; throws the transport's error if it refuses them. */
  listen(
    side: ReceivingSide,
    handlers: Record<string, (message: Message) => unknown>,
    extras: Partial<Handler> = {},
  ): void {
    const bound = Object.entries(handlers).map(([type, handle]): [string, Handler] => [
      type,
      { handler: `${this.service}/${type}`, ...extras, invoke: (m) => handle(m) as Work },
    ]);
    side.bind(this.consumer, new Map(bound));
    side.listen((error?: unknown) => {
      if (error !== undefined) throw error as Error;
    });
  }
}
