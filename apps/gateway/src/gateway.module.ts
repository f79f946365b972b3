import { type DynamicModule, Module } from '@nestjs/common';
import { AllDeadLettersController } from './features/dead-letters/dead-letters.controller.js';
import { MergedDocument } from './features/documents/merged-document.js';
import { AllOutboxesController } from './features/outbox/outbox.controller.js';
import { OverviewController } from './features/overview/overview.controller.js';
import { AllSagasController, SAGA_SERVICES } from './features/sagas/sagas.controller.js';
import { TargetsController } from './features/targets/targets.controller.js';
import { EdgeIdentity } from './edge/edge-identity.js';
import { GatewayEdgeHandler } from './edge/gateway-edge-handler.js';
import { defaultLimits, type GatewayLimits, LIMITS } from './limits.js';
import { SERVICES_WITH_SAGAS } from './routes.js';
import { Targets } from './upstream/targets.js';

@Module({
  controllers: [
    OverviewController,
    TargetsController,
    AllDeadLettersController,
    AllOutboxesController,
    AllSagasController,
  ],
  providers: [
    { provide: LIMITS, useValue: defaultLimits },
    { provide: SAGA_SERVICES, useValue: SERVICES_WITH_SAGAS },
    MergedDocument,
    Targets,
    EdgeIdentity,
    GatewayEdgeHandler,
  ],
})
export class GatewayModule {
  /** With limits and services with sagas other than the defaults. */
  static within(limits: GatewayLimits, sagaServices = SERVICES_WITH_SAGAS): DynamicModule {
    const providers = [
      { provide: LIMITS, useValue: limits },
      { provide: SAGA_SERVICES, useValue: sagaServices },
    ];
    return { module: GatewayModule, providers };
  }
}
