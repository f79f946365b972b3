import { Breaker, type BreakerOptions, type BreakerState } from './breaker.js';
import type { GuardMetrics, Refusal } from './guard-metrics.js';
import { RetryBudget } from './retry-budget.js';

export interface GuardOptions {
  readonly breaker: BreakerOptions;
  /** The bulkhead: calls under way at most. There is no queue; what is more is refused at once. */
  readonly maxConcurrent: number;
}

/** What stands between this process and one target: breaker, bulkhead, retry budget. */
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

  /** Lets a call in, which must {@link leave} when its answer has ended, however; or says why not. */
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

  /** Runs a call that was let in: it settles when what it says about the target is known. */
  run(work: () => Promise<void>): void {
    this.breaker.run(work);
  }

  /** Counts the breaking-off of a call whose work had resolved. */
  brokeOff(error: Error): void {
    this.breaker.fail(error);
  }

  /** Whether a call may be tried once more; counted. */
  mayRetry(): boolean {
    if (this.breaker.state !== 'closed' || !this.budget.spend()) return false;
    this.metrics.retry(this.target);
    return true;
  }

  close(): void {
    this.breaker.close();
  }
}
