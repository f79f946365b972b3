import type { Guard } from '@seam/resilience';
import type { Balancer } from './balancer.js';
import type { AskHealth, InstancePool } from './instance-pool.js';

interface Recovering {
  readonly name: string;
  readonly balancer: Pick<Balancer, 'all'>;
  readonly guard: Pick<Guard, 'state' | 'recovered'>;
}

/**
 * Closes a service's breaker as soon as the service recovers: an instance is ready that was not ready before, or is
 * new, and no instance reports that it is not ready. An instance that was ready all the time proves nothing, because
 * its calls failed nevertheless: in that case the breaker's trial call decides.
 */
export class Recovery {
  /** The instances that have been ready since the breaker opened; undefined while it is closed. */
  private unchanged: Set<InstancePool> | undefined;
  private asking = false;

  constructor(private readonly target: Recovering) {}

  /** Must be called periodically. */
  async check(ask: AskHealth): Promise<void> {
    const { balancer, guard } = this.target;
    if (guard.state === 'closed') {
      this.unchanged = undefined;
      return;
    }
    if (this.asking) return;
    this.unchanged ??= new Set(balancer.all);
    this.asking = true;
    const found = await Promise.all(balancer.all.map((pool) => this.ask(pool, ask)));
    this.asking = false;
    if (found.includes('unready') || !found.includes('back')) return;
    this.unchanged = undefined;
    guard.recovered();
  }

  private async ask(pool: InstancePool, ask: AskHealth): Promise<'back' | 'as before' | 'unready' | 'silent'> {
    const status = await ask(`${pool.instance.url}/health/ready?service=${this.target.name}`);
    if (status !== 200) {
      this.unchanged?.delete(pool);
      return status === undefined ? 'silent' : 'unready';
    }
    if (this.unchanged?.has(pool) === true) return 'as before';
    pool.markAvailable();
    return 'back';
  }
}
