import type { Discovery, Instance } from '@seam/discovery';
import type { GatewayLimits } from '../limits.js';
import { type AskHealth, InstancePool } from './instance-pool.js';

/**
 * Distributes a service's calls over its instances: of two random ones, the one with fewer calls in progress is chosen.
 */
export class Balancer {
  private instances: readonly Instance[] = [];
  private pools: InstancePool[] = [];
  /** Instances that discovery does not list any more, but that still have calls in progress. */
  private leaving: InstancePool[] = [];

  constructor(
    private readonly service: string,
    private readonly discovery: Pick<Discovery, 'instances'>,
    private readonly limits: GatewayLimits,
  ) {}

  /** The instances that are known now. */
  get all(): readonly InstancePool[] {
    const known = this.discovery.instances(this.service);
    if (known !== this.instances) this.follow(known);
    return this.pools;
  }

  /**
   * Chooses an instance. Instances that refused a connection or stall are skipped, unless there are no others: then the
   * breaker protects them. `other` is an instance that was already tried; it is chosen again only if it is the only
   * instance and not skipped. A skipped instance may have recovered, so as a second attempt it is better than none.
   */
  pick(other?: InstancePool): InstancePool | undefined {
    const { all } = this;
    if (all.length === 1) return other !== undefined && all[0]?.skipped === true ? undefined : all[0];
    const untried = all.filter((pool) => pool !== other);
    const available = untried.filter((pool) => !pool.skipped);
    return lessBusy(available.length > 0 ? available : untried);
  }

  /** Detects stalled instances; must be called periodically. */
  async checkHealth(ask: AskHealth): Promise<void> {
    this.leaving = this.leaving.filter(({ inFlight }) => inFlight > 0);
    await Promise.all([...this.all, ...this.leaving].map((pool) => pool.checkHealth(ask)));
  }

  async close(): Promise<void> {
    await Promise.all(this.pools.map((pool) => pool.destroy()));
  }

  private follow(known: readonly Instance[]): void {
    const old = new Map(this.pools.map((pool) => [pool.instance.url, pool]));
    this.pools = known.map((instance) => {
      const kept = old.get(instance.url);
      old.delete(instance.url);
      return kept ?? new InstancePool(instance, this.limits);
    });
    for (const gone of old.values()) {
      gone.close();
      this.leaving.push(gone);
    }
    this.instances = known;
  }
}

function lessBusy(pools: readonly InstancePool[]): InstancePool | undefined {
  const first = pools[Math.floor(Math.random() * pools.length)];
  const second = pools[Math.floor(Math.random() * pools.length)];
  if (first === undefined || second === undefined) return first;
  return second.inFlight < first.inFlight ? second : first;
}
