import { Logger } from '@nestjs/common';
import { Recurring } from '@seam/kernel';
import { outageIn } from '@seam/persistence';
import { Pauses } from './pauses.js';
import type { Refused } from './projection.js';
import { reasonOf, type SetAsideEntry } from './set-asides.js';

export interface ProjectorOptions {
  /** Between looks when nobody wakes it, ms: other processes append, too. */
  readonly everyMs?: number;
  /** From being woken to looking, ms. */
  readonly gatherMs?: number;
  /** Between runs under load, ms: events gather, and the rows that many of them change are written once. */
  readonly spacingMs?: number;
  /** Events of one run: few enough that requests are not kept waiting meanwhile. */
  readonly batch?: number;
  /** Between looks at what is set aside, ms. */
  readonly asideEveryMs?: number;
}

/** Streams that are set aside and tried again in one go. */
const ASIDE_AT_ONCE = 50;
const ASIDE_EVERY_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/** What a look came to. */
export interface Applied {
  /** How many events, set aside ones among them. */
  readonly events: number;
  /** When the oldest event was decided that is not applied yet, as far as there is one. */
  readonly waiting?: string;
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
  readonly #failing: Recurring;
  readonly #asides: Pauses;
  #lookedAsideAt = 0;
  /** Up to when everything is applied, as far as is known. */
  #completeAt = Date.now();

  constructor(
    readonly name: string,
    private readonly options: ProjectorOptions,
  ) {
    this.#log = new Logger(`Projector ${name}`);
    this.#failing = new Recurring(this.#log, { what: 'tries failed', remindMs: 60_000 });
    this.#asides = new Pauses(options.asideEveryMs ?? ASIDE_EVERY_MS, LONGEST_PAUSE_MS);
  }

  /**
   * Empties the read model and makes it anew from the first event: readers see the old one until it is complete.
   * Resolves with how many events were applied; `progress` is told so after each batch. What was set aside is tried.
   */
  abstract rebuild(progress?: (events: number) => void): Promise<number>;

  /** Whose events it is made of. */
  abstract readonly category: string;

  /**
   * Tries streams again that are set aside, from their events: resolves with those that can be applied now, and are no
   * longer so. Where it is not to wait, and another process has the read model to itself, it tries none.
   */
  abstract retry(streams: readonly string[], wait?: boolean): Promise<readonly string[]>;

  /**
   * Sets streams aside that somebody else found to be unreadable. False, and nothing done, where another process has the
   * read model to itself now.
   */
  abstract leaveAside(entries: readonly SetAsideEntry[]): Promise<boolean>;

  /** The streams that it has set aside. */
  protected abstract asideNow(): Promise<readonly string[]>;

  /** Applies the next events, one batch of them at the most. */
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
    this.#failing.end();
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
    const { events, waiting = '' } = await this.applyNext();
    const since = Date.parse(waiting);
    this.#completeAt = Number.isNaN(since) ? began : Math.min(began, since);
    return events;
  }

  /** Says in one line what was set aside by a batch. */
  protected tellSetAside(refused: readonly Refused[]): void {
    const [first] = refused;
    if (first === undefined) return;
    const { version, type, error } = first;
    const streams = summaryOf(refused.map(({ stream }) => stream));
    this.#log.error(`set aside ${streams}: event ${version} (${type}): ${reasonOf(error)}`);
  }

  /**
   * Tries some of what is set aside, each stream after ever longer pauses: this process may know events that the one
   * did not that has set it aside, while two versions run side by side, or somebody may have mended it.
   */
  async #tryAside(): Promise<void> {
    const now = Date.now();
    if (now < this.#lookedAsideAt + (this.options.asideEveryMs ?? ASIDE_EVERY_MS)) return;
    this.#lookedAsideAt = now;
    const waiting = new Set(this.#asides.waiting(now));
    const due = (await this.asideNow()).filter((stream) => !waiting.has(stream)).slice(0, ASIDE_AT_ONCE);
    if (due.length === 0) return;
    for (const stream of due) this.#asides.failed(stream, now);
    const gone = await this.retry(due, false);
    for (const stream of gone) this.#asides.forget(stream);
    if (gone.length > 0) this.#log.log(`goes on with ${summaryOf(gone)}`);
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
      if (!this.#stopped) await this.#tryAside();
    } catch (error) {
      if (!this.#stopped && outageIn(error) === undefined) this.#failing.happened(`will try again: ${String(error)}`);
    }
    this.#active = false;
    const woken = this.#dueAt - Date.now();
    this.#dueAt = Infinity;
    this.#in(Math.max(0, Math.min(woken, this.options.everyMs ?? 1_000)));
  }
}

const summaryOf = ([first = 'none', ...others]: readonly string[]): string =>
  others.length === 0 ? first : `${first} and ${others.length} more`;
