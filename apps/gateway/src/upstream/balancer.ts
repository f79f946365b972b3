import type { Discovery, Instance } from '@seam/discovery';
import type { GatewayLimits } from '../limits.js';
import { InstancePool } from './instance-pool.js';

/** Spreads a service's calls over its instances: of two chosen at random the one with fewer calls under way. */
export class Balancer {
  private seen: readonly Instance[] = [];
  private pools: InstancePool[] = [];

  constructor(
    private readonly service: string,
    private readonly discovery: Pick<Discovery, 'instances'>,
    private readonly limits: GatewayLimits,
  ) {}

  /** The instances known now. */
  get all(): readonly InstancePool[] {
    const known = this.discovery.instances(this.service);
    if (known !== this.seen) this.follow(known);
    return this.pools;
  }

  /**
   * The instance to ask. Those that just took no connection are passed over, unless there are only such: then the
   * breaker is what spares them. `other`: one already tried, taken again only where it is the only one and not skipped.
   */
  pick(other?: InstancePool): InstancePool | undefined {
    const { all } = this;
    if (all.length === 1) return other !== undefined && all[0]?.skipped === true ? undefined : all[0];
    const willing = all.filter((pool) => pool !== other && !pool.skipped);
    if (willing.length > 0) return lessBusy(willing);
    return other === undefined ? lessBusy(all) : undefined;
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
    for (const gone of old.values()) gone.close();
    this.seen = known;
  }
}

function lessBusy(pools: readonly InstancePool[]): InstancePool | undefined {
  const first = pools[Math.floor(Math.random() * pools.length)];
  const second = pools[Math.floor(Math.random() * pools.length)];
  if (first === undefined || second === undefined) return first;
  return second.inFlight < first.inFlight ? second : first;
}
