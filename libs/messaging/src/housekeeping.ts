import { Logger } from '@nestjs/common';
import { outageIn } from '@seam/persistence';

/** Where a store keeps the marks of the messages it has handled. */
export interface Marks {
  /** Forgets up to `limit` marks of messages sent before this time; resolves with how many there were. */
  forget(before: Date, limit: number): Promise<number>;
}

const HOUR_MS = 3_600_000;
/** Longer than any message is on its way: one that is sent again after so long would be handled again. */
const KEEP_MS = 7 * 24 * HOUR_MS;
const AT_ONCE = 5_000;

/** Forgets, hour by hour, the inbox marks of messages nobody sends again, so that the inbox stays small. */
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

  /** Forgets what is older than a week now, a few thousand at a time. */
  async tidy(now: Date): Promise<void> {
    try {
      let forgotten = AT_ONCE;
      while (forgotten === AT_ONCE && !this.#stopped)
        forgotten = await this.inbox.forget(new Date(now.getTime() - KEEP_MS), AT_ONCE);
    } catch (error) {
      if (outageIn(error) === undefined) this.#log.warn(`will tidy up later: ${String(error)}`);
    }
  }
}
