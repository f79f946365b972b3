import { type Backoff, backoffMs, pause } from '@seam/kernel';
import { StoreAwayError } from './store-away.js';

export interface PulseOptions {
  /** As an operator calls it, such as `Redis`. */
  readonly engine: string;
  /** Host and port; never a password. */
  readonly at: string;
  /** Asks the engine for a sign of life, by a way of its own where operations may have filled theirs. */
  readonly probe: () => Promise<unknown>;
  /** Whether an error says that the engine is away, or unfit for now; any other is an answer. */
  readonly isAway: (error: unknown) => boolean;
  readonly log: (line: string) => void;
}

/** From the start of an operation to the first doubt. */
const DOUBT_AFTER_MS = 400;
/** How long a probe may take. With the doubt before it, an operation is given up within 1.7 s. */
const PROBE_MS = 1_200;
const TICK_MS = 50;
/** Between the probes of an engine that is away. */
const BACKOFF: Backoff = { firstMs: 100, longestMs: 1_000 };
/** What an engine refuses though it answers is told of once in this time. */
const TELL_EVERY_MS = 60_000;
/** A connection that an outage broke may show it only when the outage is over: that has been told. */
const AFTERMATH_MS = 10_000;

export interface RunOptions<T> {
  /** Gets what the operation resolves with after it was given up. */
  readonly late?: (value: T) => void;
  /** False where it may resolve without a word of the engine, as with a connection that lay idle. */
  readonly provesLife?: boolean;
}

interface Operation {
  readonly since: number;
  readonly giveUp: (error: StoreAwayError) => void;
}

/**
 * Whether an engine is there. Operations go through `run`. Where one is not answered for a moment, or fails as in an
 * outage, the engine is asked for a sign of life; where none comes, neither to this nor to any operation, it is away:
 * what waits is given up, and what comes is refused at once, until a probe is answered. So nobody waits longer than 2 s
 * for an engine that is killed, frozen or cut off, while a slow query on one that lives has all its time. An outage is
 * told in two lines, the second with how many operations it has cost.
 */
export class Pulse {
  readonly #open = new Set<Operation>();
  readonly #leaving = new Set<() => void>();
  readonly #listening = new Set<() => void>();
  #ticking: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #answeredAt = -Infinity;
  #awaySince: number | undefined;
  #cost = 0;
  #toldAt = -Infinity;
  #untold = 0;
  readonly #closing = new AbortController();

  constructor(private readonly options: PulseOptions) {}

  get away(): boolean {
    return this.#awaySince !== undefined;
  }

  /** Called whenever the engine is found away, before those who wait are told: connections to it are worth nothing. */
  onAway(leave: () => void): () => void {
    this.#leaving.add(leave);
    return () => void this.#leaving.delete(leave);
  }

  /**
   * Rejects with a {@link StoreAwayError} for an outage, and as the operation does for whatever else.
   */
  run<T>(operation: () => Promise<T>, { late, provesLife = true }: RunOptions<T> = {}): Promise<T> {
    if (this.away) {
      this.#cost += 1;
      return Promise.reject(new StoreAwayError());
    }
    return new Promise((resolve, reject) => {
      const open: Operation = { since: performance.now(), giveUp: reject };
      this.#open.add(open);
      this.#tick();
      operation().then(
        (value) => {
          if (!this.#open.delete(open)) return late?.(value);
          if (provesLife) this.#answered();
          resolve(value);
        },
        (error: unknown) => {
          if (!this.#open.delete(open)) return;
          // As the operation rejected, whatever with.
          reject(this.#judge(error));
        },
      );
    });
  }

  /**
   * Resolves when the engine is seen to answer: what `ask` asks, or any operation that somebody else has under way. A
   * question that waits behind others, as it does where an engine is busy, says nothing of the engine's health.
   * Rejects as `ask` does, which goes through `run`.
   */
  async answers(ask: () => Promise<unknown>): Promise<void> {
    let heard: () => void = () => undefined;
    const sign = new Promise<void>((resolve) => (heard = resolve));
    this.#listening.add(heard);
    try {
      await Promise.race([ask(), sign]);
    } finally {
      this.#listening.delete(heard);
    }
  }

  /** A connection broke that nobody was waiting for. */
  doubt(error: unknown): void {
    if (!this.away && !this.#closing.signal.aborted) void this.#look(error);
  }

  close(): void {
    this.#closing.abort();
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }

  /** What an operation's caller is told: what the operation said, unless it was an outage. */
  #judge(error: unknown): Error {
    if (!(error instanceof StoreAwayError) && !this.options.isAway(error)) {
      this.#answered();
      return error as Error;
    }
    this.#cost += 1;
    this.doubt(error);
    return error instanceof StoreAwayError ? error : new StoreAwayError(error);
  }

  #answered(): void {
    this.#answeredAt = performance.now();
    for (const hear of this.#listening) hear();
  }

  #tick(): void {
    if (this.#closing.signal.aborted) return;
    this.#ticking ??= setInterval(() => {
      const [oldest] = this.#open;
      if (oldest === undefined) {
        clearInterval(this.#ticking);
        this.#ticking = undefined;
      } else if (performance.now() - oldest.since > DOUBT_AFTER_MS) void this.#look();
    }, TICK_MS).unref();
  }

  /** One at a time; `error` is what raised the doubt. */
  #look(error?: unknown): Promise<void> {
    return (this.#looking ??= this.#ask(error).finally(() => (this.#looking = undefined)));
  }

  async #ask(error: unknown): Promise<void> {
    for (let withinMs = PROBE_MS; ; withinMs = this.#untilSilent()) {
      const begun = performance.now();
      const silence = await this.#probe(withinMs);
      if (this.#closing.signal.aborted) return;
      if (silence === undefined) {
        if (error !== undefined) this.#tell(error);
        else this.#cost = 0;
        return;
      }
      if (this.#answeredAt < begun) return this.#leave(silence.reason);
      // It went away in the middle of the look, perhaps: then another whole one would take those who wait too long.
    }
  }

  /** What is left of a probe's time since the last answer; enough of it for an engine that lives. */
  #untilSilent(): number {
    return Math.max(DOUBT_AFTER_MS, this.#answeredAt + PROBE_MS - performance.now());
  }

  /** Undefined where the engine answers. */
  async #probe(withinMs = PROBE_MS): Promise<{ readonly reason: unknown } | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const asked = this.options.probe().then(
      () => undefined,
      (reason: unknown) => (this.options.isAway(reason) ? { reason } : undefined),
    );
    const late = new Promise<{ reason: unknown }>((resolve) => {
      timer = setTimeout(() => {
        // This process may have been the slow one: an answer that has arrived meanwhile is read first.
        setImmediate(() => setImmediate(() => resolve({ reason: new Error('no answer') })));
      }, withinMs);
    });
    const answer = await Promise.race([asked, late]);
    clearTimeout(timer);
    return answer;
  }

  async #leave(reason: unknown): Promise<void> {
    const { engine, at, log } = this.options;
    this.#awaySince = performance.now();
    log(
      `${engine} at ${at} does not answer (${wordsOf(reason)}); until it does, requests are refused and messages wait`,
    );
    for (const leave of this.#leaving) leave();
    this.#cost += this.#open.size;
    for (const { giveUp } of this.#open) giveUp(new StoreAwayError(reason));
    this.#open.clear();
    if (await this.#isBack()) {
      const seconds = ((performance.now() - this.#awaySince) / 1_000).toFixed(1);
      log(`${engine} at ${at} answers again after ${seconds} s; ${this.#cost} operations failed meanwhile`);
    }
    this.#awaySince = undefined;
    this.#cost = 0;
    this.#toldAt = performance.now() + AFTERMATH_MS - TELL_EVERY_MS;
  }

  /** Resolves when the engine answers again, or with false when nobody wants to know any more. */
  async #isBack(): Promise<boolean> {
    const { signal } = this.#closing;
    for (let failures = 1; !signal.aborted; failures += 1) {
      await pause(backoffMs(BACKOFF, failures), { ref: false });
      if ((await this.#probe()) === undefined) return true;
    }
    return false;
  }

  /** It answers, but refuses its work, or has ended single connections. */
  #tell(error: unknown): void {
    this.#untold += 1;
    const now = performance.now();
    if (now - this.#toldAt < TELL_EVERY_MS) return;
    const { engine, at, log } = this.options;
    const before = this.#untold > 1 ? `, ${this.#untold} times since the last line` : '';
    log(`${engine} at ${at} answers, but failed an operation: ${wordsOf(error)}${before}`);
    this.#toldAt = now;
    this.#untold = 0;
    this.#cost = 0;
  }
}

function wordsOf(error: unknown): string {
  const origin = error instanceof StoreAwayError ? (error.cause ?? error) : error;
  if (!(origin instanceof Error)) return String(origin);
  const code = 'code' in origin && typeof origin.code === 'string' ? origin.code : origin.name;
  // Without a URL that a client quotes: it may hold a password.
  return (origin.message === '' ? code : origin.message).replaceAll(/\w+:\/\/\S+/g, '…').slice(0, 200);
}
