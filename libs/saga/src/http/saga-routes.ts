import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { ServiceParts, type ServiceRoutes, type SharingService } from '@seam/process';
import { GetSagaHandler, ListSagasHandler } from './find-sagas.handler.js';
import { sagaBulkController } from './saga-bulk.controller.js';
import { sagaActionsController } from './saga-actions.controller.js';
import type { SagaSource } from './saga-source.js';
import { sagasController } from './sagas.controller.js';
import { SagasOfServices } from './sagas-of-services.js';
import { ActOnSagaHandler } from './act-on-saga.handler.js';

const PATH = 'api/sagas';

/** The routes of all services of a process that run sagas. */
@Module({})
class SagaRoutesModule {}

export type SagaRoutesOptions = Omit<SagaSource, 'service'> & {
  /** Without a slash at the beginning or end; default `api/sagas`. */
  readonly path?: string;
};

/**
 * Routes for the staff: the sagas of a service, and what an operator can do to one. Services of one process with the same
 * path share its routes, which show the sagas of all of them.
 */
export const sagaRoutes = (options: SagaRoutesOptions): ServiceRoutes => ({
  imports: [],
  controllers: () => [],
  shared: { moduleOf, options },
});

function moduleOf(services: readonly SharingService[]): DynamicModule {
  const paths = new Map<string, SagaSource[]>();
  for (const { service, options } of services) {
    const { path = PATH, ...source } = options as SagaRoutesOptions;
    paths.set(path, [...(paths.get(path) ?? []), { service, ...source }]);
  }
  return {
    module: SagaRoutesModule,
    imports: [CqrsModule],
    // Nest takes the first route that fits: the route of any action comes last.
    controllers: [...paths].flatMap(([path, sources]) => [
      sagasController(path, sources),
      sagaBulkController(path, sources),
      sagaActionsController(path, sources),
    ]),
    providers: [ServiceParts, SagasOfServices, ListSagasHandler, GetSagaHandler, ActOnSagaHandler],
  };
}
