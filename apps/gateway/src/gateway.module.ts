import { type DynamicModule, Module } from '@nestjs/common';
import { EdgeIdentity } from './front/edge-identity.js';
import { GatewayFront } from './front/gateway-front.js';
import { Keys } from './keys.js';
import { defaultLimits, type GatewayLimits, LIMITS } from './limits.js';
import { Targets } from './upstream/targets.js';

@Module({ providers: [{ provide: LIMITS, useValue: defaultLimits }, Targets, EdgeIdentity, GatewayFront, Keys] })
export class GatewayModule {
  /** With other limits than the default ones. */
  static within(limits: GatewayLimits): DynamicModule {
    return { module: GatewayModule, providers: [{ provide: LIMITS, useValue: limits }] };
  }
}
