import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Discovery } from '@seam/discovery';
import { Metrics } from '@seam/host';
import { Guards } from '@seam/resilience';
import { type GatewayLimits, LIMITS } from '../limits.js';
import { SERVICES } from '../routes.js';
import { Balancer } from './balancer.js';
import { Target } from './target.js';

/** Every service behind the gateway, each one target for all who call it. */
@Injectable()
export class Targets implements OnModuleInit, OnApplicationShutdown {
  private readonly targets: ReadonlyMap<string, Target>;
  private readonly guards: Guards;

  constructor(
    private readonly discovery: Discovery,
    metrics: Metrics,
    @Inject(LIMITS) limits: GatewayLimits,
  ) {
    this.guards = new Guards(metrics.registry, limits.guard);
    this.targets = new Map(
      SERVICES.map((name) => [name, new Target(name, new Balancer(name, discovery, limits), this.guards.of(name))]),
    );
  }

  /** Resolves once every service has been looked up: the first request finds those that are there. */
  async onModuleInit(): Promise<void> {
    await this.discovery.watch(SERVICES);
  }

  get all(): Iterable<Target> {
    return this.targets.values();
  }

  of(service: string): Target {
    const target = this.targets.get(service);
    if (target === undefined) throw new Error(`no route leads to ${service}`);
    return target;
  }

  /** Called when no request is under way any more. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.all].map(({ balancer }) => balancer.close()));
    this.guards.close();
  }
}
