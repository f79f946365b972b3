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
  /** From the opening to the one call that is let through to find out. */
  readonly openMs: number;
}

export const breakerDefaults: BreakerOptions = {
  errorPercentage: 50,
  minimumCalls: 10,
  windowMs: 5_000,
  openMs: 5_000,
};

export type BreakerState = 'closed' | 'half-open' | 'open';

/** Marks a failed call that says nothing about the target, such as one its caller gave up: it does not count. */
export class NotCounted extends Error {}

/**
 * An opossum breaker for one target, kept for as long as the process: it knows the target's last calls. What a call is,
 * and when it has failed, is for who runs it to say: a rejection counts, unless it is {@link NotCounted}.
 */
export class Breaker {
  private readonly circuit: CircuitBreaker<[() => Promise<void>], void>;
  private openedAt = 0;

  constructor(
    target: string,
    private readonly options: BreakerOptions,
    onChange: (state: BreakerState) => void,
  ) {
    this.circuit = new CircuitBreaker((work: () => Promise<void>) => work(), {
      name: target,
      timeout: false,
      errorThresholdPercentage: options.errorPercentage,
      volumeThreshold: options.minimumCalls,
      rollingCountTimeout: options.windowMs,
      rollingCountBuckets: 10,
      rollingPercentilesEnabled: false,
      resetTimeout: options.openMs,
      enableSnapshots: false,
      // A trial that nobody waited for has shown nothing, so the breaker must not close by it.
      errorFilter: (error: unknown) => error instanceof NotCounted && !this.circuit.halfOpen,
    });
    this.circuit.on('open', () => {
      this.openedAt = performance.now();
      onChange('open');
    });
    this.circuit.on('halfOpen', () => onChange('half-open'));
    this.circuit.on('close', () => onChange('closed'));
  }

  get state(): BreakerState {
    if (this.circuit.opened) return 'open';
    return this.circuit.halfOpen ? 'half-open' : 'closed';
  }

  /** Whether a call would be refused now: it is open, or the one call that finds out is under way. */
  get refuses(): boolean {
    return this.circuit.opened || (this.circuit.halfOpen && !this.circuit.pendingClose);
  }

  /** Whole seconds until a call may be let through, at least one. */
  get retryAfterSeconds(): number {
    const left = this.circuit.opened ? this.openedAt + this.options.openMs - performance.now() : 0;
    return Math.max(1, Math.ceil(left / 1_000));
  }

  /** Runs a call and counts what it comes to. Call only where it does not refuse. Never rejects. */
  run(work: () => Promise<void>): void {
    this.circuit.fire(work).catch(() => undefined);
  }

  /** Counts one more failure: of a call that had counted as a success, and was broken off later. */
  fail(error: Error): void {
    if (this.circuit.closed) this.run(() => Promise.reject(error));
  }

  close(): void {
    this.circuit.shutdown();
  }
}
