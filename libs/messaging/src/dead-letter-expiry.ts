import { Logger } from '@nestjs/common';
import { outageIn } from '@seam/persistence';
import type { DeadLetters } from './dead-letters.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const AT_ONCE = 1_000;

export interface DeadLetterExpiryOptions {
  readonly service: string;
  readonly deadLetters: Pick<DeadLetters, 'expire'>;
  /** How long dead letters, and what was done with them, are kept; 0: for ever. */
  readonly keepDays: number;
}

/**
 * Deletes, once an hour, old dead letters and the records of what operators did with them, a thousand at a time: a message
 * may have personal data, and is not redriven after months. Every replica does so.
 */
export class DeadLetterExpiry {
  readonly #log = new Logger('DeadLetterExpiry');
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(private readonly options: DeadLetterExpiryOptions) {}

  start(): void {
    if (this.options.keepDays === 0) return;
    this.#timer = setInterval(() => {
      this.#running = this.expire(new Date());
    }, HOUR_MS).unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Deletes what is older than it may be at this time; a failure is logged, and tried again an hour later. */
  async expire(now: Date): Promise<void> {
    const { service, deadLetters, keepDays } = this.options;
    const before = new Date(now.getTime() - keepDays * DAY_MS);
    let expired = 0;
    try {
      for (let more = true; more && !this.#stopped;) {
        const { letters, actions } = await deadLetters.expire(before, AT_ONCE);
        expired += letters;
        more = letters >= AT_ONCE || actions >= AT_ONCE;
      }
    } catch (error) {
      if (outageIn(error) === undefined)
        this.#log.warn(`${service}: dead letters could not be deleted, trying again later: ${String(error)}`);
    }
    if (expired > 0)
      this.#log.warn(`${service}: deleted ${expired} dead letters that were older than ${keepDays} days`);
  }
}
