import type { Discovery, Instance } from '@seam/discovery';
import type { GatewayLimits } from '../limits.js';
import { type AskHealth, InstancePool } from './instance-pool.js';

/** Spreads a service's calls over its instances: of two chosen at random the one with fewer calls under way. */
export class Balancer {
  private seen: readonly Instance[] = [];
  private pools: InstancePool[] = [];
  /** Not known any more, and still busy. */
  private leaving: InstancePool[] = [];

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
   * The instance to ask. Those that took no connection, or stall, are passed over, unless there are only such: then
   * the breaker is what spares them. `other`: one already tried, taken again only where it is the only one and not
   * skipped; one that is passed over may be well again, and is a better second try than none.
   */
  pick(other?: InstancePool): InstancePool | undefined {
    const { all } = this;
    if (all.length === 1) return other !== undefined && all[0]?.skipped === true ? undefined : all[0];
    const untried = all.filter((pool) => pool !== other);
    const willing = untried.filter((pool) => !pool.skipped);
    return lessBusy(willing.length > 0 ? willing : untried);
  }

  /** Finds instances that stall; to be called again and again. */
  async lookAfter(ask: AskHealth): Promise<void> {
    this.leaving = this.leaving.filter(({ inFlight }) => inFlight > 0);
    await Promise.all([...this.all, ...this.leaving].map((pool) => pool.lookAfter(ask)));
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
    this.seen = known;
  }
}

function lessBusy(pools: readonly InstancePool[]): InstancePool | undefined {
  const first = pools[Math.floor(Math.random() * pools.length)];
  const second = pools[Math.floor(Math.random() * pools.length)];
  if (first === undefined || second === undefined) return first;
  return second.inFlight < first.inFlight ? second : first;
}
