import { Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { ServiceParts, type ServiceRoutes } from '@seam/process';
import { GetSagaHandler, ListSagasHandler } from './find-sagas.handler.js';
import { RedriveSagaHandler } from './redrive-saga.handler.js';
import { sagasController, type SagaRoutesOptions } from './sagas.controller.js';

/** The handlers, once for all services of a process: a bus finds one by the class of what it handles. */
@Module({
  imports: [CqrsModule],
  providers: [ServiceParts, ListSagasHandler, GetSagaHandler, RedriveSagaHandler],
  exports: [CqrsModule],
})
class SagaHandlersModule {}

/**
 * Routes for the staff of a service that runs sagas: how they stand, and the redrive of a parked one. Two services of one
 * process need paths of their own; the same one twice stops the start.
 */
export const sagaRoutes = (options: SagaRoutesOptions): ServiceRoutes => ({
  imports: [SagaHandlersModule],
  controllers: (service) => [sagasController(service, options)],
});
