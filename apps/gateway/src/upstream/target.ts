import type { Guard } from '@seam/resilience';
import type { Balancer } from './balancer.js';
import type { Call, Sink } from './call.js';
import { type UpstreamTarget, Exchange } from './exchange.js';
import { refused } from './failures.js';
import type { InstancePool } from './instance-pool.js';

/** The last failure of a target, for operators. */
export interface Failure {
  readonly at: Date;
  readonly message: string;
  readonly instance?: string | undefined;
}

/** A service as the gateway calls it: its instances behind one guard. */
export class Target implements UpstreamTarget {
  lastFailure: Failure | undefined;

  constructor(
    readonly name: string,
    readonly balancer: Balancer,
    readonly guard: Guard,
  ) {}

  /**
   * Makes a call and passes its answer or failure to the sink. Returns a function that gives the call up: the exchange
   * is aborted, and the sink gets nothing more.
   */
  send(call: Call, sink: Sink): () => void {
    const refusal = this.guard.enter();
    if (refusal !== undefined) {
      sink.failed(refused(this.name, refusal, this.guard.retryAfterSeconds));
      return () => undefined;
    }
    const exchange = new Exchange(this, call, sink);
    this.guard.run(exchange.run);
    return () => exchange.abort();
  }

  failedBy(error: Error, pool: InstancePool | undefined): void {
    this.lastFailure = { at: new Date(), message: messageOf(error), instance: pool?.instance.url };
  }

  /** An answer ended before it was complete. */
  brokeOff(error: Error): void {
    this.failedBy(error, undefined);
    this.guard.brokeOff(error);
  }
}

function messageOf(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return messageOf(error.errors[0]);
  return error.message === '' ? error.name : error.message;
}
