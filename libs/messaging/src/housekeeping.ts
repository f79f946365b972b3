import { Logger } from '@nestjs/common';
import { outageIn } from '@seam/persistence';

/** The marks of handled messages in a store. */
export interface Marks {
  /** Deletes up to `limit` marks of messages sent before this time; resolves with the number deleted. */
  forget(before: Date, limit: number): Promise<number>;
}

const HOUR_MS = 3_600_000;
/** Longer than any message can be delayed: a message that is sent again after this time would be handled again. */
const KEEP_MS = 7 * 24 * HOUR_MS;
const AT_ONCE = 5_000;

/** Deletes, once an hour, the inbox marks of messages that are not sent again any more, so that the inbox stays small. */
export class Housekeeping {
  readonly #log = new Logger('Housekeeping');
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(private readonly inbox: Marks) {}

  start(): void {
    this.#timer = setInterval(() => {
      this.#running = this.tidy(new Date());
    }, HOUR_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Deletes marks that are older than a week, a few thousand at a time. */
  async tidy(now: Date): Promise<void> {
    try {
      let forgotten = AT_ONCE;
      while (forgotten === AT_ONCE && !this.#stopped)
        forgotten = await this.inbox.forget(new Date(now.getTime() - KEEP_MS), AT_ONCE);
    } catch (error) {
      if (outageIn(error) === undefined) this.#log.warn(`the clean-up failed, trying again later: ${String(error)}`);
    }
  }
}
