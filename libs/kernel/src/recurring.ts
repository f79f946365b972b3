export interface RecurringOptions {
  /** The last line says the number of these, such as `messages were not sent at once`. */
  readonly what: string;
  /** After this time without another failure, it has ended, ms. */
  readonly quietMs?: number;
  /** Interval of reminders with the count while it lasts, ms. Default: no reminders. */
  readonly remindMs?: number;
}

/**
 * A repeated failure, logged in a few lines however often it happens: when it begins, at intervals while it
 * lasts, and, after a time without it, how often it happened.
 */
export class Recurring {
  #count = 0;
  #since = 0;
  #last = 0;
  #loggedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly log: { warn(line: string): void; log(line: string): void },
    private readonly options: RecurringOptions,
  ) {}

  happened(line: string): void {
    const now = Date.now();
    this.#last = now;
    this.#count += 1;
    const { remindMs = Infinity } = this.options;
    if (this.#count > 1 && now - this.#loggedAt < remindMs) return;
    this.#loggedAt = now;
    this.log.warn(this.#count === 1 ? line : `${line} (${this.#count} times so far)`);
    if (this.#count > 1) return;
    this.#since = now;
    this.#watch(this.#quietMs);
  }

  /** Logs the last line now, if one is due. */
  end(): void {
    clearTimeout(this.#timer);
    const seconds = ((this.#last - this.#since) / 1_000).toFixed(1);
    if (this.#count > 1) this.log.log(`${this.#count} ${this.options.what} in ${seconds} s`);
    this.#count = 0;
  }

  get #quietMs(): number {
    return this.options.quietMs ?? 5_000;
  }

  #watch(ms: number): void {
    this.#timer = setTimeout(() => {
      const left = this.#last + this.#quietMs - Date.now();
      if (left > 0) this.#watch(left);
      else this.end();
    }, ms).unref();
  }
}
