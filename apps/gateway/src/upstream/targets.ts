import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Discovery } from '@seam/discovery';
import { type DependencyStatus, Metrics, Readiness } from '@seam/process';
import { type BreakerState, Guards } from '@seam/resilience';
import { type GatewayLimits, LIMITS } from '../limits.js';
import { SERVICES } from '../routes.js';
import { Balancer } from './balancer.js';
import { HealthProbe } from './health-probe.js';
import { Recovery } from './recovery.js';
import { Target } from './target.js';

/** Interval of the checks for stalled instances, and for services behind an open breaker, ms. */
const CHECK_INTERVAL_MS = 100;

/** Every service behind the gateway; all callers share one target per service. */
@Injectable()
export class Targets implements OnModuleInit, OnApplicationShutdown {
  private readonly targets: ReadonlyMap<string, Target>;
  private readonly guards: Guards;
  private readonly recoveries: readonly Recovery[];
  private readonly probe: HealthProbe;
  private timer: NodeJS.Timeout | undefined;
  private readonly logger = new Logger('gateway');

  constructor(
    private readonly discovery: Discovery,
    private readonly readiness: Readiness,
    metrics: Metrics,
    @Inject(LIMITS) limits: GatewayLimits,
  ) {
    this.guards = new Guards(metrics.registry, limits.guard, (name, state) => this.logBreaker(name, state));
    this.targets = new Map(
      SERVICES.map((name) => [name, new Target(name, new Balancer(name, discovery, limits), this.guards.of(name))]),
    );
    this.recoveries = [...this.all].map((target) => new Recovery(target));
    this.probe = new HealthProbe(limits.healthCheckMs);
  }

  /** Resolves when every service has been looked up, so that the first request finds the existing instances. */
  async onModuleInit(): Promise<void> {
    await this.discovery.watch(SERVICES);
    for (const target of this.all) this.readiness.inform(`service:${target.name}`, () => statusOf(target));
    this.timer = setInterval(() => this.checkAll(), CHECK_INTERVAL_MS);
  }

  get all(): Iterable<Target> {
    return this.targets.values();
  }

  of(service: string): Target {
    const target = this.targets.get(service);
    if (target === undefined) throw new Error(`there is no route to ${service}`);
    return target;
  }

  private checkAll(): void {
    for (const { balancer } of this.all) void balancer.checkHealth(this.probe.ask);
    for (const recovery of this.recoveries) void recovery.check(this.probe.ask);
  }

  private logBreaker(name: string, state: BreakerState): void {
    const why = state === 'open' ? `: ${this.of(name).lastFailure?.message ?? 'it failed too often'}` : '';
    this.logger.warn(`the breaker of ${name} is ${state}${why}`);
  }

  /** Called when no request is in progress any more. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.probe.close();
    await Promise.all([...this.all].map(({ balancer }) => balancer.close()));
    this.guards.close();
  }
}

/** Informational only: the gateway keeps running whatever the services do, so their state never makes it unready. */
function statusOf({ balancer, guard }: Target): DependencyStatus {
  if (balancer.all.length === 0) return { status: 'degraded', reason: 'no instance is known' };
  return guard.state === 'closed' ? { status: 'up' } : { status: 'degraded', reason: `its breaker is ${guard.state}` };
}
