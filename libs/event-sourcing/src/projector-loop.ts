import { Logger } from '@nestjs/common';
import { Recurring } from '@seam/kernel';
import { outageIn } from '@seam/persistence';
import { Pauses } from './retry-pauses.js';
import type { Refused } from './projection.js';
import { reasonOf, type SetAsideEntry } from './set-asides.js';
import type { StreamPosition } from './stream-position.js';
import { build, type BuildOptions, type ShadowReadModel } from './shadow-read-model.js';

export interface ProjectorOptions {
  /** Polling interval, ms: other processes append events without waking this one. */
  readonly everyMs?: number;
  /** Delay from being woken to reading events, ms. */
  readonly gatherMs?: number;
  /** Between runs under load, ms: events accumulate, and a row that several of them change is written once. */
  readonly spacingMs?: number;
  /** Maximum number of events per run: few enough to not delay requests. */
  readonly batch?: number;
  /** Maximum number of events per transaction of a rebuild. */
  readonly rebuildChunk?: number;
  /** Interval of retries of set-aside streams, ms. */
  readonly asideEveryMs?: number;
}

/** Maximum number of set-aside streams per retry. */
const ASIDE_AT_ONCE = 50;
const ASIDE_EVERY_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
const URGENT_INTERVAL_MS = 100;

/** The result of one run. */
export interface Applied {
  /** Number of events, including those set aside. */
  readonly events: number;
  /** When the oldest event that is not applied yet was decided, if there is one. */
  readonly waiting?: string;
}

/** Keeps one projection up to date: runs when it is woken, and periodically. Its engine applies the events. */
export abstract class ProjectorLoop {
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #dueAt = Infinity;
  #ranAt = 0;
  #stopped = true;
  #active = false;
  readonly #failing: Recurring;
  readonly #asides: Pauses;
  #retriedAt = 0;
  /** Time up to which all events are known to be applied. */
  #completeAt = Date.now();

  constructor(
    readonly name: string,
    private readonly options: ProjectorOptions,
  ) {
    this.#log = new Logger(`Projector ${name}`);
    this.#failing = new Recurring(this.#log, { what: 'tries failed', remindMs: 60_000 });
    this.#asides = new Pauses(options.asideEveryMs ?? ASIDE_EVERY_MS, LONGEST_PAUSE_MS);
  }

  /** The read model that a rebuild makes beside this one. */
  abstract readonly shadow: ShadowReadModel;

  /**
   * Rebuilds the read model from the first event, or continues an interrupted rebuild: readers see the old one, which is
   * kept up to date, until the new one replaces it. Resolves with the number of events in it. Set-aside streams are
   * retried.
   */
  async rebuild(options: BuildOptions = {}): Promise<number> {
    await this.shadow.begin();
    return build(this.name, this.shadow, options);
  }

  /** The category of its events. */
  abstract readonly category: string;

  /**
   * Retries set-aside streams from their events: resolves with those that could be applied, and are no longer set
   * aside. If it must not wait, and another process has locked the read model, it retries none.
   */
  abstract retry(streams: readonly string[], wait?: boolean): Promise<readonly string[]>;

  /**
   * Sets streams aside that were found to be unreadable elsewhere. Resolves with false, without a change, if another
   * process has locked the read model.
   */
  abstract setAside(entries: readonly SetAsideEntry[]): Promise<boolean>;

  /**
   * Whether the read model has this event: applied, or left out because its stream is set aside. Undefined if there is no
   * such event.
   */
  abstract has(position: StreamPosition): Promise<boolean | undefined>;

  /** The streams that this projection has set aside. */
  protected abstract asideNow(): Promise<readonly string[]>;

  /** Applies the next events, at most one batch. */
  protected abstract applyNext(): Promise<Applied>;

  start(): void {
    this.#stopped = false;
    this.#dueAt = Infinity;
    this.#in(0);
  }

  /**
   * Age of the oldest event that is not applied; if there is none, time since that was checked: the read model is
   * behind by no more than that.
   */
  get behindSeconds(): number {
    return (Date.now() - this.#completeAt) / 1_000;
  }

  /** Events were appended: run soon, but at most twice a second. */
  wake(): void {
    const { gatherMs = 20, spacingMs = 500 } = this.options;
    this.#in(Math.max(gatherMs, this.#ranAt + spacingMs - Date.now()));
  }

  /** A query waits for events: run at once, but at most ten times a second. */
  wakeUrgently(): void {
    this.#in(Math.max(0, this.#ranAt + URGENT_INTERVAL_MS - Date.now()));
  }

  /** Ends after the current batch. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    this.#failing.end();
  }

  /** Applies all current events; resolves with their number. */
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
    const startedAt = Date.now();
    const { events, waiting = '' } = await this.applyNext();
    const since = Date.parse(waiting);
    this.#completeAt = Number.isNaN(since) ? startedAt : Math.min(startedAt, since);
    return events;
  }

  /** Logs in one line what a batch has set aside. */
  protected logSetAside(refused: readonly Refused[]): void {
    const [first] = refused;
    if (first === undefined) return;
    const { version, type, error } = first;
    const streams = summaryOf(refused.map(({ stream }) => stream));
    this.#log.error(`set aside ${streams}: event ${version} (${type}): ${reasonOf(error)}`);
  }

  /**
   * Retries some set-aside streams, each after growing pauses: this process may know events that the process which set
   * them aside does not know, as during a roll-out, or an operator may have repaired them.
   */
  async #tryAside(): Promise<void> {
    const now = Date.now();
    if (now < this.#retriedAt + (this.options.asideEveryMs ?? ASIDE_EVERY_MS)) return;
    this.#retriedAt = now;
    const waiting = new Set(this.#asides.waiting(now));
    const due = (await this.asideNow()).filter((stream) => !waiting.has(stream)).slice(0, ASIDE_AT_ONCE);
    if (due.length === 0) return;
    for (const stream of due) this.#asides.failed(stream, now);
    const gone = await this.retry(due, false);
    for (const stream of gone) this.#asides.forget(stream);
    if (gone.length > 0) this.#log.log(`continues with ${summaryOf(gone)}`);
  }

  #in(ms: number): void {
    const dueAt = Date.now() + ms;
    if (this.#stopped || dueAt >= this.#dueAt) return;
    this.#dueAt = dueAt;
    // Never two runs at once: the second would occupy a connection only to wait for the checkpoint.
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
      if (!this.#stopped) await this.#tryAside();
    } catch (error) {
      if (!this.#stopped && outageIn(error) === undefined)
        this.#failing.happened(`the projection failed, trying again: ${String(error)}`);
    }
    this.#active = false;
    const woken = this.#dueAt - Date.now();
    this.#dueAt = Infinity;
    this.#in(Math.max(0, Math.min(woken, this.options.everyMs ?? 1_000)));
  }
}

const summaryOf = ([first = 'none', ...others]: readonly string[]): string =>
  others.length === 0 ? first : `${first} and ${others.length} more`;
