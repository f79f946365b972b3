import { sagaActionsController } from './saga-actions.controller.js';
import { Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { ServiceParts, type ServiceRoutes } from '@seam/process';
import { GetSagaHandler, ListSagasHandler } from './find-sagas.handler.js';
import { SteerSagaHandler } from './steer-saga.handler.js';
import { sagasController, type SagaRoutesOptions } from './sagas.controller.js';

/**
 * The handlers, registered once for all services of a process, because a bus finds a handler by the class of the
 * command or query.
 */
@Module({
  imports: [CqrsModule],
  providers: [ServiceParts, ListSagasHandler, GetSagaHandler, SteerSagaHandler],
  exports: [CqrsModule],
})
class SagaHandlersModule {}

/**
 * Routes for the staff of a service that runs sagas: their states, and what an operator can do to one. Two services of one
 * process need different paths; if they use the same path, the process does not start.
 */
export const sagaRoutes = (options: SagaRoutesOptions): ServiceRoutes => ({
  imports: [SagaHandlersModule],
  controllers: (service) => [sagasController(service, options), sagaActionsController(service, options)],
});
