import { Logger } from '@nestjs/common';
import { Recurring } from '@seam/kernel';
import type { IncomingMessage, Server } from 'node:http';
import { Counter, type Registry } from 'prom-client';
import { RetryLaterError } from './retry-later-error.js';

/** How often the delay of the event loop is measured. */
const LOOK_MS = 20;
/** Part of an earlier delay that still counts at the next look, so that one short turn does not hide a long one. */
const KEPT = 0.8;
/** Requests that are answered at the same time however slow the process is: with fewer, it is busy with something else. */
const ALWAYS_TAKEN = 64;
/** So much longer than allowed, requests that only read are refused too. */
const READS_TOO = 4;
const RETRY_AFTER_S = 2;

/** Asked by machines that have to know how the process is, above all when it has too much to do. */
const ALWAYS_ANSWERED = /^\/(?:health|metrics)(?:[/?]|$)/;
const READING: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface OverloadOptions {
  /** How long the event loop may be late before requests are refused, ms; 0: as long as it takes. */
  readonly limitMs: number;
  /** Requests that are being answered now. */
  readonly inFlight: () => number;
  readonly registry: Registry;
}

/**
 * Refuses requests while the event loop is late, which every handler of the process waits for, and many requests are being
 * answered. Requests that write are refused first. Messages and sagas that wait are no part of the measure.
 */
export class Overload {
  readonly #failing = new Recurring(new Logger('Overload'), {
    what: 'requests were refused because of overload',
    remindMs: 60_000,
  });
  readonly #refused: Counter;
  #lateMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: OverloadOptions) {
    this.#refused = new Counter({
      name: 'seam_http_overload_refused_total',
      help: 'Requests refused at once because the process was overloaded',
      registers: [options.registry],
    });
  }

  /** Measures for as long as the server listens. */
  watch(server: Server): void {
    if (this.options.limitMs === 0) return;
    server.once('listening', () => this.#look(performance.now()));
    server.once('close', () => {
      clearTimeout(this.#timer);
      this.#failing.end();
    });
  }

  /** Why a request is not taken now, as 503 with `Retry-After`; undefined where it is. */
  refusalOf({ method, url = '/' }: Pick<IncomingMessage, 'method' | 'url'>): RetryLaterError | undefined {
    const { limitMs, inFlight } = this.options;
    if (this.#lateMs <= limitMs || limitMs === 0 || inFlight() < ALWAYS_TAKEN) return undefined;
    if (READING.has(method) && this.#lateMs <= READS_TOO * limitMs) return undefined;
    if (ALWAYS_ANSWERED.test(url)) return undefined;
    this.#refused.inc();
    this.#failing.happened(`requests are refused: the process is ${this.#lateMs.toFixed(0)} ms late`);
    return new RetryLaterError(
      'SERVICE.OVERLOADED',
      'The service is overloaded; try again later',
      RETRY_AFTER_S,
      'unavailable',
    );
  }

  #look(expected: number): void {
    const now = performance.now();
    this.#lateMs = Math.max(now - expected, this.#lateMs * KEPT);
    this.#timer = setTimeout(() => this.#look(now + LOOK_MS), LOOK_MS).unref();
  }
}
