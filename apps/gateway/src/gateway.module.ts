import { type DynamicModule, Module } from '@nestjs/common';
import { AllDeadLettersController } from './features/dead-letters/dead-letters.controller.js';
import { MergedDocument } from './features/documents/merged-document.js';
import { OverviewController } from './features/overview/overview.controller.js';
import { TargetsController } from './features/targets/targets.controller.js';
import { EdgeIdentity } from './front/edge-identity.js';
import { GatewayEdgeHandler } from './front/gateway-edge-handler.js';
import { defaultLimits, type GatewayLimits, LIMITS } from './limits.js';
import { Targets } from './upstream/targets.js';

@Module({
  controllers: [OverviewController, TargetsController, AllDeadLettersController],
  providers: [{ provide: LIMITS, useValue: defaultLimits }, MergedDocument, Targets, EdgeIdentity, GatewayEdgeHandler],
})
export class GatewayModule {
  /** With limits other than the defaults. */
  static within(limits: GatewayLimits): DynamicModule {
    return { module: GatewayModule, providers: [{ provide: LIMITS, useValue: limits }] };
  }
}
