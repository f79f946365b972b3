import { Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { ServiceParts, type ServiceRoutes } from '@seam/process';
import { GetSagaHandler, ListSagasHandler } from './find-sagas.handler.js';
import { RedriveSagaHandler } from './redrive-saga.handler.js';
import { sagasController, type SagaRoutesOptions } from './sagas.controller.js';

/**
 * The handlers, registered once for all services of a process, because a bus finds a handler by the class of the
 * command or query.
 */
@Module({
  imports: [CqrsModule],
  providers: [ServiceParts, ListSagasHandler, GetSagaHandler, RedriveSagaHandler],
  exports: [CqrsModule],
})
class SagaHandlersModule {}

/**
 * Routes for the staff of a service that runs sagas: their states, and the redrive of a parked one. Two services of one
 * process need different paths; if they use the same path, the process does not start.
 */
export const sagaRoutes = (options: SagaRoutesOptions): ServiceRoutes => ({
  imports: [SagaHandlersModule],
  controllers: (service) => [sagasController(service, options)],
});
