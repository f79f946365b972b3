import { Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { POLICY } from './policies.js';

/** Denies by default: a route without a policy stops the start, with its name. */
@Injectable()
export class PolicyCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const bare = this.discovery.getControllers().flatMap(({ metatype }) => this.withoutPolicy(metatype as Controller));
    if (bare.length === 0) return;
    throw new Error(`no policy on ${bare.join(', ')}: put @Public(), @Authenticated() or @Staff() on each route`);
  }

  private withoutPolicy(controller: Controller): string[] {
    return this.scanner
      .getAllMethodNames(controller.prototype)
      .filter((name) => {
        const method = controller.prototype[name] as () => unknown;
        const route = Reflect.getMetadata(METHOD_METADATA, method) as RequestMethod | undefined;
        return route !== undefined && this.reflector.getAllAndOverride(POLICY, [method, controller]) === undefined;
      })
      .map((name) => `${controller.name}.${name}`);
  }
}

type Controller = (new () => unknown) & { prototype: Record<string, unknown> };
