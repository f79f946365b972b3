import { OVERLOADED_HEADER } from '@seam/host';
import { CodedError } from '@seam/kernel';
import { type Guard, NotCounted } from '@seam/resilience';
import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, errors } from 'undici';
import type { Balancer } from './balancer.js';
import type { Call, Sink } from './call.js';
import { away, lost, malformed, tookTooLong } from './failures.js';
import type { InstancePool, WaitEntry, Waiting } from './instance-pool.js';

/** The called service, as its calls see it: they choose an instance, and report failures. */
export interface UpstreamTarget {
  readonly name: string;
  readonly balancer: Balancer;
  readonly guard: Guard;
  failedBy(error: Error, pool: InstancePool | undefined): void;
  brokeOff(error: Error): void;
}

/**
 * Statuses with which a service reports that it cannot answer. The answer is passed on unchanged, and counts as a
 * failure unless the service refused only this request because of overload.
 */
const FAILING = new Set([502, 503, 504]);
/** Maximum number of attempts of one call: a request that ends its service's process must not end all instances. */
const MAX_ATTEMPTS = 3;

/** One call in progress: its attempts, one after the other, and the answer of the last one, streamed. */
export class Exchange implements Dispatcher.DispatchHandler, Waiting {
  private pool: InstancePool | undefined;
  private waiting: WaitEntry | undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private attempts = 0;
  private sent = false;
  private answering = false;
  private ended = false;
  private givenUp = false;
  /** The instance to move to after the current one has stalled. */
  private next: InstancePool | undefined;
  private resolve!: () => void;
  private reject!: (error: Error) => void;

  constructor(
    private readonly target: UpstreamTarget,
    private readonly call: Call,
    private readonly sink: Sink,
  ) {}

  /** Settles when the outcome of the call for the breaker is known: at the answer's headers, or when it has failed. */
  readonly run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      this.attempt(this.target.balancer.pick());
    });

  /** The caller does not wait for the answer any more. */
  abort(): void {
    if (this.ended) return;
    this.givenUp = true;
    this.controller?.abort(new NotCounted('given up'));
  }

  /** Moves the call to another instance, if it may be repeated and there is one. */
  stalled(): void {
    if (this.controller === undefined || this.givenUp || this.call.repeatable !== 'always') return;
    if (this.attempts >= MAX_ATTEMPTS) return;
    const next = this.target.balancer.pick(this.pool);
    if (next === undefined || next === this.pool || !this.target.guard.mayMove()) return;
    this.next = next;
    this.controller.abort(new Error('it stopped sending'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    this.sent = true;
    if (this.givenUp) controller.abort(new NotCounted('given up'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.answering = true;
    this.stopWaiting();
    if (FAILING.has(status) && headers[OVERLOADED_HEADER] === undefined) this.failedBy(new Error(`answered ${status}`));
    else this.resolve();
    this.sink.head(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.sink.data(chunk, () => controller.resume())) controller.pause();
  }

  onResponseEnd(): void {
    this.finish();
    this.sink.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.answering) {
      if (!this.givenUp) {
        this.target.brokeOff(error);
        this.sink.broken();
      }
      this.finish();
      return;
    }
    const { pool } = this;
    if (!this.sent) pool?.skip();
    const next = this.nextAfter(error);
    if (next === undefined) {
      this.fail(error);
      return;
    }
    this.leave();
    this.attempt(next);
  }

  /** The instance for the next attempt, if any. Counts the attempt as a retry or a move. */
  private nextAfter(error: Error): InstancePool | undefined {
    const { next } = this;
    this.next = undefined;
    if (next !== undefined && !this.givenUp) return next;
    const other = this.mayTryAgain(error) ? this.target.balancer.pick(this.pool) : undefined;
    const { guard } = this.target;
    return other !== undefined && (this.sent ? guard.mayRetry() : guard.mayMove()) ? other : undefined;
  }

  private attempt(pool: InstancePool | undefined): void {
    if (pool === undefined) {
      this.fail(new Error('no instance is known'));
      return;
    }
    this.pool = pool;
    this.attempts += 1;
    this.sent = false;
    pool.inFlight += 1;
    this.waiting = pool.waits(this);
    const { method, path, headers, body } = this.call;
    pool.pool.dispatch({ method, path, headers, body }, this);
  }

  private mayTryAgain(error: Error): boolean {
    if (this.givenUp || this.attempts >= MAX_ATTEMPTS) return false;
    if (!this.sent) return true;
    return this.call.repeatable === 'always' && isLost(error);
  }

  private fail(error: Error): void {
    const answer = this.answerTo(error);
    if (this.givenUp || !countsAgainst(answer) || this.leftBehind) this.reject(new NotCounted());
    else this.failedBy(error);
    this.finish();
    if (!this.givenUp) this.sink.failed(answer);
  }

  /** Its instance was already skipped, and other instances are used: this failure says nothing about them. */
  private get leftBehind(): boolean {
    return this.pool?.skipped === true && this.target.balancer.pick(this.pool) !== undefined;
  }

  private failedBy(error: Error): void {
    this.target.failedBy(error, this.pool);
    this.reject(error);
  }

  private answerTo(error: Error): CodedError {
    const { name } = this.target;
    if (error instanceof CodedError) return error;
    if (error instanceof errors.InvalidArgumentError) return malformed();
    if (error instanceof errors.HeadersTimeoutError) return tookTooLong(name);
    return this.sent ? lost(name) : away(name);
  }

  private stopWaiting(): void {
    if (this.waiting !== undefined) this.pool?.stopWaiting(this.waiting);
    this.waiting = undefined;
  }

  private leave(): void {
    this.stopWaiting();
    if (this.pool !== undefined) this.pool.inFlight -= 1;
    this.pool = undefined;
    this.controller = undefined;
  }

  private finish(): void {
    if (this.ended) return;
    this.ended = true;
    this.leave();
    this.target.guard.leave();
  }
}

/** An error of the request itself says nothing about the service. */
const countsAgainst = ({ kind }: CodedError): boolean => kind !== 'invalid' && kind !== 'too-large';

/** The connection ended during the call, as when the server closes an idle connection at the same moment. */
const isLost = (error: Error): boolean =>
  error instanceof errors.SocketError || ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '');
