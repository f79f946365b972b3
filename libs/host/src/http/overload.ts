import { Logger } from '@nestjs/common';
import { Recurring } from '@seam/kernel';
import type { Backlog } from '@seam/process';
import type { IncomingMessage, Server } from 'node:http';
import { Counter, Gauge, type Registry } from 'prom-client';
import { AdmissionWindow } from './admission-window.js';

/** How often the delay of the event loop is measured, and after how many times the limit is adjusted to it. */
const SAMPLE_INTERVAL_MS = 20;
const SAMPLES_PER_ADJUSTMENT = 5;
/**
 * The share of the earlier delay that still counts at the next sample, so that one short turn of the event loop does
 * not hide a long one.
 */
const KEPT = 0.8;
/**
 * Requests that are answered at the same time however late the event loop is: with fewer, it is busy with something
 * else.
 */
const ALWAYS_TAKEN = 64;
/** If the event loop is this many times later than allowed, requests that create no work are refused too. */
const ALL_TOO = 4;
/** `Retry-After`, s: at least as long as accepted work waits. */
const RETRY_AFTER_S = { least: 2, most: 30 };

/** Requested by monitoring, which needs the state of the process most of all under overload. */
const ALWAYS_ANSWERED = /^\/(?:health|metrics)(?:[/?]|$)/;
const READING: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface OverloadOptions {
  /** How late the event loop may be before new work is refused, ms; 0: nothing is ever refused. */
  readonly limitMs: number;
  /** How long accepted work may wait before it starts, ms; if it waits longer, new work is refused. 0: no limit. */
  readonly backlogMs: number;
  /** Number of requests that are being answered now. */
  readonly inFlight: () => number;
  readonly backlog: Pick<Backlog, 'pending' | 'waitMs'>;
  readonly registry: Registry;
}

type Reason = 'event-loop' | 'backlog';

/** The refusal of a request. */
export interface Refusal {
  readonly retryAfterSeconds: number;
}

/**
 * Refuses requests that create work while this process is overloaded: accepting more would make it slower, and would not
 * finish any work earlier. Its load is the accepted and unfinished work: requests, and the messages that
 * follow from them.
 *
 * Decided before a request is read, so that a refusal costs almost nothing. Other requests are refused only if the event
 * loop is very late; some are never refused.
 */
export class Overload {
  readonly #failing = new Recurring(new Logger('Overload'), {
    what: 'requests were refused because of overload',
    remindMs: 60_000,
  });
  readonly #window: AdmissionWindow;
  readonly #refused: Counter<'reason'>;
  #lateMs = 0;
  #waitMs = 0;
  #samples = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Whether a request is never refused for load, by its method and path. */
  neverRefused: (method: string, path: string) => boolean = () => false;

  constructor(private readonly options: OverloadOptions) {
    const registers = [options.registry];
    this.#window = new AdmissionWindow(options.backlogMs);
    this.#refused = new Counter({
      name: 'seam_http_overload_refused_total',
      help: 'Requests refused at once because of overload, by the reason: a late event loop, or the waiting time of accepted work',
      labelNames: ['reason'],
      registers,
    });
    const gauge = (name: string, help: string, value: () => number): void => {
      const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(value()) });
    };
    gauge('seam_backlog_pending', 'Requests and messages that were accepted and not finished', () => this.#pending);
    gauge('seam_backlog_wait_seconds', 'How long accepted work waits before it starts', () => this.#waitMs / 1_000);
    gauge('seam_admission_limit', 'Amount of pending work above which new work is refused', () => this.#window.limit);
  }

  /** Measures while the server listens. */
  watch(server: Server): void {
    if (this.options.limitMs === 0) return;
    server.once('listening', () => this.#sample(performance.now()));
    server.once('close', () => {
      clearTimeout(this.#timer);
      this.#failing.end();
    });
  }

  /** The refusal of a request, with the time until a retry; undefined if it is accepted. Counts the refusals. */
  refusalOf({ method = 'GET', url = '/' }: Pick<IncomingMessage, 'method' | 'url'>): Refusal | undefined {
    if (this.options.limitMs === 0) return undefined;
    const reason = this.#reasonAgainst(!READING.has(method));
    if (reason === undefined || ALWAYS_ANSWERED.test(url)) return undefined;
    if (this.neverRefused(method, url.split('?', 1)[0] ?? '/')) return undefined;
    this.#refused.inc({ reason });
    this.#failing.happened(
      `requests are refused: the event loop is ${this.#lateMs.toFixed(0)} ms late, ` +
        `accepted work waits for ${this.#waitMs.toFixed(0)} ms, ${this.#pending} pending`,
    );
    const { least, most } = RETRY_AFTER_S;
    return { retryAfterSeconds: Math.min(most, Math.max(least, Math.ceil(this.#waitMs / 1_000))) };
  }

  get #pending(): number {
    return this.options.inFlight() + this.options.backlog.pending;
  }

  #reasonAgainst(isNewWork: boolean): Reason | undefined {
    const { limitMs, backlogMs, inFlight } = this.options;
    if (isNewWork && backlogMs > 0 && !this.#window.admits(this.#pending)) return 'backlog';
    const allowedMs = isNewWork ? limitMs : ALL_TOO * limitMs;
    return this.#lateMs > allowedMs && inFlight() >= ALWAYS_TAKEN ? 'event-loop' : undefined;
  }

  #sample(expected: number): void {
    const now = performance.now();
    this.#lateMs = Math.max(now - expected, this.#lateMs * KEPT);
    this.#waitMs = this.options.backlog.waitMs;
    this.#samples += 1;
    if (this.#samples % SAMPLES_PER_ADJUSTMENT === 0) this.#window.adjust(this.#waitMs, this.#pending);
    this.#timer = setTimeout(() => this.#sample(now + SAMPLE_INTERVAL_MS), SAMPLE_INTERVAL_MS).unref();
  }
}
