import { CodedError } from '@seam/kernel';
import { type Guard, NotCounted } from '@seam/resilience';
import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, errors } from 'undici';
import type { Balancer } from './balancer.js';
import type { Call, Sink } from './call.js';
import { away, lost, malformed, tookTooLong } from './failures.js';
import type { InstancePool } from './instance-pool.js';

/** The service that is called, as its calls see it: they pick an instance, and tell what they find. */
export interface Callee {
  readonly name: string;
  readonly balancer: Balancer;
  readonly guard: Guard;
  failedBy(error: Error, pool: InstancePool | undefined): void;
  brokeOff(error: Error): void;
}

/** A service that says of itself that it cannot answer: passed on as it is, and counted as a failure. */
const FAILING = new Set([502, 503, 504]);

/** One call on its way: its attempts, one after the other, and the answer of the last one, streamed. */
export class Exchange implements Dispatcher.DispatchHandler {
  private pool: InstancePool | undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private sent = false;
  private answering = false;
  private ended = false;
  private givenUp = false;
  private resolve!: () => void;
  private reject!: (error: Error) => void;

  constructor(
    private readonly target: Callee,
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

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    this.sent = true;
    if (this.givenUp) controller.abort(new NotCounted('given up'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.answering = true;
    if (FAILING.has(status)) this.failedBy(new Error(`answered ${status}`));
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
    if (this.mayTryAgain(error)) {
      const next = this.target.balancer.pick(pool);
      if (next !== undefined && this.target.guard.mayRetry()) {
        this.leave();
        this.attempt(next);
        return;
      }
    }
    this.fail(error);
  }

  private attempt(pool: InstancePool | undefined): void {
    if (pool === undefined) {
      this.fail(new Error('no instance is known'));
      return;
    }
    this.pool = pool;
    this.sent = false;
    pool.inFlight += 1;
    const { method, path, headers, body } = this.call;
    pool.pool.dispatch({ method, path, headers, body }, this);
  }

  private mayTryAgain(error: Error): boolean {
    if (this.givenUp || this.call.repeatable === 'never') return false;
    if (!this.sent) return true;
    return this.call.repeatable === 'always' && isLost(error);
  }

  private fail(error: Error): void {
    const answer = this.answerTo(error);
    if (this.givenUp || !countsAgainst(answer)) this.reject(new NotCounted());
    else this.failedBy(error);
    this.finish();
    if (!this.givenUp) this.sink.failed(answer);
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

  private leave(): void {
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
