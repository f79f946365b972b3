import CircuitBreaker from 'opossum';

export interface BreakerOptions {
  /** Of the calls of the last {@link windowMs} more than this share, in percent, must have failed for it to open. */
  readonly errorPercentage: number;
  /** Fewer calls than this in the window never open it. */
  readonly minimumCalls: number;
  /**
   * Not longer than `openMs`: what opened the breaker has then left the window when it closes, and a single failure
   * cannot open it again.
   */
  readonly windowMs: number;
  /** Time from the opening to the trial call. */
  readonly openMs: number;
}

export const breakerDefaults: BreakerOptions = {
  errorPercentage: 50,
  minimumCalls: 10,
  windowMs: 5_000,
  openMs: 5_000,
};

export type BreakerState = 'closed' | 'half-open' | 'open';

/** Marks a failed call that says nothing about the target, such as one that its caller gave up: it is not counted. */
export class NotCounted extends Error {}

/**
 * An opossum breaker for one target, which exists as long as the process: it knows the results of the last calls. The
 * code that runs a call decides whether it has failed: a rejection counts, unless it is {@link NotCounted}.
 */
export class Breaker {
  private circuit: CircuitBreaker<[() => Promise<void>], void>;
  private openedAt = 0;
  /** Counts the changes of state. A call counts only for the state in which it started. */
  private epoch = 0;

  constructor(
    private readonly target: string,
    private readonly options: BreakerOptions,
    private readonly onChange: (state: BreakerState) => void,
  ) {
    this.circuit = this.newCircuit();
  }

  get state(): BreakerState {
    if (this.circuit.opened) return 'open';
    return this.circuit.halfOpen ? 'half-open' : 'closed';
  }

  /** Whether a call would be refused now: the breaker is open, or its trial call is in progress. */
  get refuses(): boolean {
    return this.circuit.opened || (this.circuit.halfOpen && !this.circuit.pendingClose);
  }

  /** Whole seconds until a call may be let through, at least one. */
  get retryAfterSeconds(): number {
    const left = this.circuit.opened ? this.openedAt + this.options.openMs - performance.now() : 0;
    return Math.max(1, Math.ceil(left / 1_000));
  }

  /**
   * Runs a call and counts its result. Call it only if the breaker does not refuse. Never rejects. The result of a call
   * from before a change of state is not counted: only the trial's own outcome ends a trial.
   */
  run(work: () => Promise<void>): void {
    const { epoch } = this;
    const never = (): Promise<void> => new Promise(() => undefined);
    const outcome = (): Promise<void> => work().finally(() => (epoch === this.epoch ? undefined : never()));
    this.circuit.fire(outcome).catch(() => undefined);
  }

  /** Closes it early: something else has shown that the target works again. */
  recovered(): void {
    if (this.circuit.closed) return;
    this.circuit.shutdown();
    this.circuit = this.newCircuit(); // The window of the old one still contains the failures that opened it.
    this.became('closed');
  }

  /** Counts one more failure: a call that was counted as a success, and was aborted later. */
  fail(error: Error): void {
    if (this.circuit.closed) this.run(() => Promise.reject(error));
  }

  close(): void {
    this.circuit.shutdown();
  }

  private newCircuit(): CircuitBreaker<[() => Promise<void>], void> {
    const { errorPercentage, minimumCalls, windowMs, openMs } = this.options;
    const circuit = new CircuitBreaker((work: () => Promise<void>) => work(), {
      name: this.target,
      timeout: false,
      errorThresholdPercentage: errorPercentage,
      volumeThreshold: minimumCalls,
      rollingCountTimeout: windowMs,
      rollingCountBuckets: 10,
      rollingPercentilesEnabled: false,
      resetTimeout: openMs,
      enableSnapshots: false,
      // A trial whose caller has disconnected proves nothing, so it must not close the breaker.
      errorFilter: (error: unknown): boolean => error instanceof NotCounted && !circuit.halfOpen,
    });
    circuit.on('open', () => this.became('open'));
    circuit.on('halfOpen', () => this.became('half-open'));
    circuit.on('close', () => this.became('closed'));
    return circuit;
  }

  private became(state: BreakerState): void {
    this.epoch += 1;
    if (state === 'open') this.openedAt = performance.now();
    this.onChange(state);
  }
}
