import { type Backoff, backoffMs, pause } from '@seam/kernel';
import { StoreAwayError } from './store-away.js';

export interface AvailabilityOptions {
  /** The engine's name as operators know it, such as `Redis`. */
  readonly engine: string;
  /** Host and port; never a password. */
  readonly at: string;
  /** Checks whether the engine responds, on a separate connection if operations could have filled their own. */
  readonly probe: () => Promise<unknown>;
  /**
   * Whether an error says that the engine is unavailable or cannot work at the moment; any other error counts as an
   * answer.
   */
  readonly isAway: (error: unknown) => boolean;
  readonly log: (line: string) => void;
}

/** Time from the start of an operation without an answer to the first probe. */
const PROBE_AFTER_MS = 400;
/** Maximum time for a probe. Together with PROBE_AFTER_MS, an operation is given up within 1.7 s. */
const PROBE_MS = 1_200;
const TICK_MS = 50;
/** Pauses between the probes of an engine that is unavailable. */
const BACKOFF: Backoff = { firstMs: 100, longestMs: 1_000 };
/** Minimum interval between log lines about an engine that answers, but fails operations. */
const LOG_INTERVAL_MS = 60_000;
/**
 * A connection that an outage broke may fail only after the outage is over: such failures are not logged again for this
 * time.
 */
const QUIET_AFTER_OUTAGE_MS = 10_000;

export interface RunOptions<T> {
  /** Called with the result of an operation that resolves after it was given up. */
  readonly late?: (value: T) => void;
  /** False if the operation may resolve without an answer of the engine, as when a pool returns an idle connection. */
  readonly provesAvailability?: boolean;
}

interface Operation {
  readonly since: number;
  readonly giveUp: (error: StoreAwayError) => void;
}

/**
 * Tracks whether an engine is available. Operations go through `run`. If one of them is not answered for a moment, or
 * fails as in an outage, the engine is probed. If neither the probe nor any operation is answered, the engine is
 * unavailable: waiting operations are given up, and new ones are refused at once, until a probe is answered. So no
 * caller waits longer than 2 s for an engine that is killed, frozen or disconnected, while a slow query on an available
 * engine is not cut short. An outage is logged in two lines; the second has the number of failed operations.
 */
export class AvailabilityMonitor {
  readonly #open = new Set<Operation>();
  readonly #leaving = new Set<() => void>();
  readonly #listening = new Set<() => void>();
  #ticking: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;
  #answeredAt = -Infinity;
  #awaySince: number | undefined;
  #failedOperations = 0;
  #loggedAt = -Infinity;
  #unlogged = 0;
  readonly #closing = new AbortController();

  constructor(private readonly options: AvailabilityOptions) {}

  get away(): boolean {
    return this.#awaySince !== undefined;
  }

  /**
   * Registers a callback for each time the engine becomes unavailable. It runs before the waiting operations are
   * rejected, and should close the connections, which are useless now.
   */
  onAway(callback: () => void): () => void {
    this.#leaving.add(callback);
    return () => void this.#leaving.delete(callback);
  }

  /** Rejects with a {@link StoreAwayError} for an outage, and with the operation's own error otherwise. */
  run<T>(operation: () => Promise<T>, { late, provesAvailability = true }: RunOptions<T> = {}): Promise<T> {
    if (this.away) {
      this.#failedOperations += 1;
      return Promise.reject(new StoreAwayError());
    }
    return new Promise((resolve, reject) => {
      const open: Operation = { since: performance.now(), giveUp: reject };
      this.#open.add(open);
      this.#tick();
      operation().then(
        (value) => {
          if (!this.#open.delete(open)) return late?.(value);
          if (provesAvailability) this.#answered();
          resolve(value);
        },
        (error: unknown) => {
          if (!this.#open.delete(open)) return;
          // Passed on unchanged, whatever the operation rejected with.
          reject(this.#errorFor(error));
        },
      );
    });
  }

  /**
   * Resolves when the engine has answered: either `ask`, or any other operation that is running. A request that waits
   * behind others, as on a busy engine, says nothing about the engine's health. Rejects as `ask` does, which must go
   * through `run`.
   */
  async answers(ask: () => Promise<unknown>): Promise<void> {
    let notify: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (notify = resolve));
    this.#listening.add(notify);
    try {
      await Promise.race([ask(), answered]);
    } finally {
      this.#listening.delete(notify);
    }
  }

  /** Reports that a connection broke on which no operation was waiting. */
  suspectOutage(error: unknown): void {
    if (!this.away && !this.#closing.signal.aborted) void this.#check(error);
  }

  close(): void {
    this.#closing.abort();
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }

  /** The error for an operation's caller: the operation's own error, unless it was caused by an outage. */
  #errorFor(error: unknown): Error {
    if (!(error instanceof StoreAwayError) && !this.options.isAway(error)) {
      this.#answered();
      return error as Error;
    }
    this.#failedOperations += 1;
    this.suspectOutage(error);
    return error instanceof StoreAwayError ? error : new StoreAwayError(error);
  }

  #answered(): void {
    this.#answeredAt = performance.now();
    for (const notify of this.#listening) notify();
  }

  #tick(): void {
    if (this.#closing.signal.aborted) return;
    this.#ticking ??= setInterval(() => {
      const [oldest] = this.#open;
      if (oldest === undefined) {
        clearInterval(this.#ticking);
        this.#ticking = undefined;
      } else if (performance.now() - oldest.since > PROBE_AFTER_MS) void this.#check();
    }, TICK_MS).unref();
  }

  /** Starts a check unless one is running; `error` is the reason for the check. */
  #check(error?: unknown): Promise<void> {
    return (this.#checking ??= this.#ask(error).finally(() => (this.#checking = undefined)));
  }

  async #ask(error: unknown): Promise<void> {
    for (let withinMs = PROBE_MS; ; withinMs = this.#remainingMs()) {
      const startedAt = performance.now();
      const failure = await this.#probe(withinMs);
      if (this.#closing.signal.aborted) return;
      if (failure === undefined) {
        if (error !== undefined) this.#logFailure(error);
        else this.#failedOperations = 0;
        return;
      }
      if (this.#answeredAt < startedAt) return this.#callback(failure.reason);
      // The engine may have failed during the check: another full check would make the callers wait too long.
    }
  }

  /** The rest of a probe's time since the last answer; at least as much as an available engine needs. */
  #remainingMs(): number {
    return Math.max(PROBE_AFTER_MS, this.#answeredAt + PROBE_MS - performance.now());
  }

  /** Resolves with undefined if the engine answers. */
  async #probe(withinMs = PROBE_MS): Promise<{ readonly reason: unknown } | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const asked = this.options.probe().then(
      () => undefined,
      (reason: unknown) => (this.options.isAway(reason) ? { reason } : undefined),
    );
    const late = new Promise<{ reason: unknown }>((resolve) => {
      timer = setTimeout(() => {
        // This process itself may have been slow: an answer that has arrived meanwhile is read first.
        setImmediate(() => setImmediate(() => resolve({ reason: new Error('no answer') })));
      }, withinMs);
    });
    const answer = await Promise.race([asked, late]);
    clearTimeout(timer);
    return answer;
  }

  async #callback(reason: unknown): Promise<void> {
    const { engine, at, log } = this.options;
    this.#awaySince = performance.now();
    log(
      `${engine} at ${at} does not answer (${wordsOf(reason)}); until it does, requests are refused and messages wait`,
    );
    for (const callback of this.#leaving) callback();
    this.#failedOperations += this.#open.size;
    for (const { giveUp } of this.#open) giveUp(new StoreAwayError(reason));
    this.#open.clear();
    if (await this.#isBack()) {
      const seconds = ((performance.now() - this.#awaySince) / 1_000).toFixed(1);
      log(`${engine} at ${at} answers again after ${seconds} s; ${this.#failedOperations} operations failed meanwhile`);
    }
    this.#awaySince = undefined;
    this.#failedOperations = 0;
    this.#loggedAt = performance.now() + QUIET_AFTER_OUTAGE_MS - LOG_INTERVAL_MS;
  }

  /** Resolves with true when the engine answers again, or with false when the monitor is closed. */
  async #isBack(): Promise<boolean> {
    const { signal } = this.#closing;
    for (let failures = 1; !signal.aborted; failures += 1) {
      await pause(backoffMs(BACKOFF, failures), { ref: false });
      if ((await this.#probe()) === undefined) return true;
    }
    return false;
  }

  /** Logs that the engine answers, but refuses operations, or has ended single connections. */
  #logFailure(error: unknown): void {
    this.#unlogged += 1;
    const now = performance.now();
    if (now - this.#loggedAt < LOG_INTERVAL_MS) return;
    const { engine, at, log } = this.options;
    const before = this.#unlogged > 1 ? `, ${this.#unlogged} times since the last line` : '';
    log(`${engine} at ${at} answers, but failed an operation: ${wordsOf(error)}${before}`);
    this.#loggedAt = now;
    this.#unlogged = 0;
    this.#failedOperations = 0;
  }
}

function wordsOf(error: unknown): string {
  const origin = error instanceof StoreAwayError ? (error.cause ?? error) : error;
  if (!(origin instanceof Error)) return String(origin);
  const code = 'code' in origin && typeof origin.code === 'string' ? origin.code : origin.name;
  // Without a URL quoted by a client: it may contain a password.
  return (origin.message === '' ? code : origin.message).replaceAll(/\w+:\/\/\S+/g, '…').slice(0, 200);
}
