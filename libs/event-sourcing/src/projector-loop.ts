import { Logger } from '@nestjs/common';

export interface ProjectorOptions {
  /** Between looks when nobody wakes it, ms: other processes append, too. */
  readonly everyMs?: number;
  /** From being woken to looking, ms. */
  readonly gatherMs?: number;
  /** Between runs under load, ms: events gather, and the rows that many of them change are written once. */
  readonly spacingMs?: number;
  /** Events of one run: few enough that requests are not kept waiting meanwhile. */
  readonly batch?: number;
}

/** Keeps one projection up to date: looks when it is woken, and by itself. How events are applied is its engine's. */
export abstract class ProjectorLoop {
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #dueAt = Infinity;
  #ranAt = 0;
  #stopped = true;
  #active = false;
  /** When nothing was left to apply, as far as is known. */
  #completeAt = Date.now();

  constructor(
    readonly name: string,
    private readonly options: ProjectorOptions,
  ) {
    this.#log = new Logger(`Projector ${name}`);
  }

  /**
   * Empties the read model and makes it anew from the first event: readers see the old one until it is complete.
   * Resolves with how many events were applied.
   */
  abstract rebuild(): Promise<number>;

  /** Applies the next events, one batch of them at the most; resolves with how many. */
  protected abstract applyNext(): Promise<number>;

  start(): void {
    this.#stopped = false;
    this.#in(0);
  }

  /** How long ago the read model was seen complete: it is behind by no more than that. */
  get behindSeconds(): number {
    return (Date.now() - this.#completeAt) / 1_000;
  }

  /** Something was appended: look soon, but not more often than twice a second. */
  wake(): void {
    const { gatherMs = 20, spacingMs = 500 } = this.options;
    this.#in(Math.max(gatherMs, this.#ranAt + spacingMs - Date.now()));
  }

  /** Ends with the batch it is at. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** Applies what there is now; resolves with the number of events. */
  async catchUp(): Promise<number> {
    let total = 0;
    for (;;) {
      const applied = await this.#applyNext();
      total += applied;
      if (applied < this.batch) return total;
    }
  }

  protected get batch(): number {
    return this.options.batch ?? 250;
  }

  async #applyNext(): Promise<number> {
    const began = Date.now();
    const applied = await this.applyNext();
    if (applied < this.batch) this.#completeAt = began;
    return applied;
  }

  #in(ms: number): void {
    const dueAt = Date.now() + ms;
    if (this.#stopped || dueAt >= this.#dueAt) return;
    this.#dueAt = dueAt;
    // Never a second run beside the first: it would hold a connection only to wait for the checkpoint.
    if (this.#active) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, ms);
  }

  async #run(): Promise<void> {
    this.#active = true;
    this.#dueAt = Infinity;
    this.#ranAt = Date.now();
    try {
      while (!this.#stopped && (await this.#applyNext()) >= this.batch);
    } catch (error) {
      if (!this.#stopped) this.#log.warn(`will try again: ${String(error)}`);
    }
    this.#active = false;
    const woken = this.#dueAt - Date.now();
    this.#dueAt = Infinity;
    this.#in(Math.max(0, Math.min(woken, this.options.everyMs ?? 1_000)));
  }
}
