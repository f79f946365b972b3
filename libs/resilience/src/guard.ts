import { Breaker, type BreakerOptions, type BreakerState } from './breaker.js';
import type { GuardMetrics, Refusal } from './guard-metrics.js';
import { RetryBudget } from './retry-budget.js';

export interface GuardOptions {
  readonly breaker: BreakerOptions;
  /** The bulkhead: maximum number of concurrent calls. There is no queue; further calls are refused at once. */
  readonly maxConcurrent: number;
}

/** Protects the calls from this process to one target: circuit breaker, bulkhead, retry budget. */
export class Guard {
  private readonly breaker: Breaker;
  private readonly budget = new RetryBudget();
  private calls = 0;

  constructor(
    readonly target: string,
    private readonly options: GuardOptions,
    private readonly metrics: GuardMetrics,
    onChange: (target: string, state: BreakerState) => void,
  ) {
    this.breaker = new Breaker(target, options.breaker, (state) => {
      metrics.became(target, state);
      onChange(target, state);
    });
    metrics.begin(target);
  }

  get inFlight(): number {
    return this.calls;
  }

  get state(): BreakerState {
    return this.breaker.state;
  }

  get retryAfterSeconds(): number {
    return this.breaker.retryAfterSeconds;
  }

  /**
   * Admits a call, which must {@link leave} when its answer has ended in any way; or returns the reason of the refusal.
   */
  enter(): Refusal | undefined {
    const refusal = this.breaker.refuses
      ? 'breaker-open'
      : this.calls >= this.options.maxConcurrent
        ? 'overloaded'
        : undefined;
    if (refusal === undefined) {
      this.calls += 1;
      this.budget.earn();
    } else {
      this.metrics.refused(this.target, refusal);
    }
    return refusal;
  }

  leave(): void {
    this.calls -= 1;
  }

  /** Runs a call that was admitted: it settles when its result for the target is known. */
  run(work: () => Promise<void>): void {
    this.breaker.run(work);
  }

  /** The target is ready after it was not: calls that the breaker refused are admitted at once. */
  recovered(): void {
    this.breaker.recovered();
  }

  /** Counts a call that was aborted after its work had resolved. */
  brokeOff(error: Error): void {
    this.breaker.fail(error);
  }

  /** Whether a call that failed in progress may be retried once; counted. */
  mayRetry(): boolean {
    return this.breaker.state === 'closed' && this.budget.spend() && this.mayMove();
  }

  /**
   * Whether a call may be moved to another instance because its own refused the connection or is
   * stalled; counted. This is no additional load for the target, so it does not use the budget.
   */
  mayMove(): boolean {
    if (this.breaker.state !== 'closed') return false;
    this.metrics.retry(this.target);
    return true;
  }

  close(): void {
    this.breaker.close();
  }
}
