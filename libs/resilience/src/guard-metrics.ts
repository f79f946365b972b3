import { Counter, Gauge, type Registry } from 'prom-client';
import type { BreakerState } from './breaker.js';

const LEVEL: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 };

export type Refusal = 'breaker-open' | 'overloaded';

/** The metrics of the targets. */
export class GuardMetrics {
  private readonly state: Gauge<'target'>;
  private readonly opened: Counter<'target'>;
  private readonly rejected: Counter<'target' | 'reason'>;
  private readonly retried: Counter<'target'>;

  /** `inFlight` is called when the metrics are read. */
  constructor(registry: Registry, inFlight: () => Iterable<readonly [target: string, calls: number]>) {
    const registers = [registry];
    this.state = new Gauge({
      name: 'seam_breaker_state',
      help: 'State of the circuit breaker of a target: 0 closed, 1 half-open, 2 open',
      labelNames: ['target'],
      registers,
    });
    this.opened = new Counter({
      name: 'seam_breaker_opened_total',
      help: 'How often the circuit breaker of a target has opened',
      labelNames: ['target'],
      registers,
    });
    this.rejected = new Counter({
      name: 'seam_target_rejected_total',
      help: 'Calls to a target that were refused without an attempt',
      labelNames: ['target', 'reason'],
      registers,
    });
    this.retried = new Counter({
      name: 'seam_target_retries_total',
      help: 'Retries of calls to a target',
      labelNames: ['target'],
      registers,
    });
    new Gauge({
      name: 'seam_target_in_flight',
      help: 'Calls to a target in progress',
      labelNames: ['target'],
      registers,
      collect() {
        for (const [target, calls] of inFlight()) this.set({ target }, calls);
      },
    });
  }

  /** Creates every series of a target at once, so that events that have not happened are 0. */
  begin(target: string): void {
    this.state.set({ target }, LEVEL.closed);
    this.opened.inc({ target }, 0);
    this.retried.inc({ target }, 0);
    for (const reason of ['breaker-open', 'overloaded'] satisfies Refusal[]) this.rejected.inc({ target, reason }, 0);
  }

  became(target: string, state: BreakerState): void {
    this.state.set({ target }, LEVEL[state]);
    if (state === 'open') this.opened.inc({ target });
  }

  refused(target: string, reason: Refusal): void {
    this.rejected.inc({ target, reason });
  }

  retry(target: string): void {
    this.retried.inc({ target });
  }
}
