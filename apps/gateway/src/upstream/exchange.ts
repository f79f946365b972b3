import { OVERLOADED_HEADER } from '@seam/host';
import { CodedError } from '@seam/kernel';
import { type Guard, NotCounted } from '@seam/resilience';
import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, errors } from 'undici';
import type { Balancer } from './balancer.js';
import type { Call, Sink } from './call.js';
import { away, lost, malformed, tookTooLong } from './failures.js';
import type { InstancePool, WaitEntry, Waiting } from './instance-pool.js';

/** The service that is called, as its calls see it: they pick an instance, and tell what they find. */
export interface UpstreamTarget {
  readonly name: string;
  readonly balancer: Balancer;
  readonly guard: Guard;
  failedBy(error: Error, pool: InstancePool | undefined): void;
  brokeOff(error: Error): void;
}

/** A service that says of itself that it cannot answer: passed on as it is, and counted as a failure, unless it refused only this request. */
const FAILING = new Set([502, 503, 504]);
/** Of one call: what ends its service each time must not end all its instances. */
const MOST_ATTEMPTS = 3;

/** One call on its way: its attempts, one after the other, and the answer of the last one, streamed. */
export class Exchange implements Dispatcher.DispatchHandler, Waiting {
  private pool: InstancePool | undefined;
  private waiting: WaitEntry | undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private attempts = 0;
  private sent = false;
  private answering = false;
  private ended = false;
  private givenUp = false;
  /** Where it goes from an instance that stalls. */
  private next: InstancePool | undefined;
  private resolve!: () => void;
  private reject!: (error: Error) => void;

  constructor(
    private readonly target: UpstreamTarget,
    private readonly call: Call,
    private readonly sink: Sink,
  ) {}

  /** Settles when it is known what the call says about the service: at the answer's headers, or when it failed. */
  readonly run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      this.attempt(this.target.balancer.pick());
    });

  /** Nobody waits for the answer any more. */
  abort(): void {
    if (this.ended) return;
    this.givenUp = true;
    this.controller?.abort(new NotCounted('given up'));
  }

  /** Moves to another instance, where it may be repeated and there is one. */
  stalled(): void {
    if (this.controller === undefined || this.givenUp || this.call.repeatable !== 'always') return;
    if (this.attempts >= MOST_ATTEMPTS) return;
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
    this.waitsNoMore();
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

  /** The instance to try it again on, if any; counted. */
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
    if (this.givenUp || this.attempts >= MOST_ATTEMPTS) return false;
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

  /** Its instance had left the balance, and others go on: what it failed by says nothing of them. */
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

  private waitsNoMore(): void {
    if (this.waiting !== undefined) this.pool?.waitsNoMore(this.waiting);
    this.waiting = undefined;
  }

  private leave(): void {
    this.waitsNoMore();
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

/** What is wrong with the request says nothing about the service. */
const countsAgainst = ({ kind }: CodedError): boolean => kind !== 'invalid' && kind !== 'too-large';

/** The connection ended under the call, as one does that was closed for idleness at the same moment. */
const isLost = (error: Error): boolean =>
  error instanceof errors.SocketError || ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '');
