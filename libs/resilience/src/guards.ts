import type { Registry } from 'prom-client';
import { breakerDefaults, type BreakerState } from './breaker.js';
import { GuardMetrics } from './guard-metrics.js';
import { Guard, type GuardOptions } from './guard.js';

export const guardDefaults: GuardOptions = { breaker: breakerDefaults, maxConcurrent: 1_024 };

/** The guards of a process: one for each target, shared by all callers. */
export class Guards {
  private readonly guards = new Map<string, Guard>();
  private readonly metrics: GuardMetrics;

  constructor(
    registry: Registry,
    private readonly options: GuardOptions = guardDefaults,
    /** Called after each change of a breaker. */
    private readonly onChange: (target: string, state: BreakerState) => void = () => undefined,
  ) {
    this.metrics = new GuardMetrics(registry, () =>
      [...this.guards].map(([target, guard]) => [target, guard.inFlight]),
    );
  }

  of(target: string): Guard {
    let guard = this.guards.get(target);
    if (guard === undefined) {
      guard = new Guard(target, this.options, this.metrics, this.onChange);
      this.guards.set(target, guard);
    }
    return guard;
  }

  /** Ends the breakers' timers; no call may run afterwards. */
  close(): void {
    for (const guard of this.guards.values()) guard.close();
  }
}
