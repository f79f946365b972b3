import { Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { ServiceParts } from '@seam/process';
import type { EventSourcingRoutes } from '../event-sourcing.module.js';
import { ListSetAsideHandler } from './list-set-aside.handler.js';
import { rebuildReadModelsController, type ReadModelRoutes } from './rebuild-read-models.controller.js';
import { GetRebuildHandler, RebuildReadModelsHandler } from './rebuild-read-models.handler.js';
import { RetryAllSetAsideHandler, RetrySetAsideHandler, SetAsideRetry } from './retry-set-aside.handler.js';
import { setAsideController, type SetAsideRoutes } from './set-aside.controller.js';

/** The handlers, once for all services of a process: a bus finds one by the class of what it handles. */
@Module({
  imports: [CqrsModule],
  providers: [
    ServiceParts,
    ListSetAsideHandler,
    RetryAllSetAsideHandler,
    RetrySetAsideHandler,
    SetAsideRetry,
    RebuildReadModelsHandler,
    GetRebuildHandler,
  ],
  exports: [CqrsModule],
})
class EventSourcingHandlersModule {}

export interface EventSourcingRoutesOptions {
  readonly setAside: SetAsideRoutes;
  readonly readModels: ReadModelRoutes;
}

/**
 * Routes for the staff of an event-sourced service: what is set aside, with its retries, and the rebuild of the read models.
 * Two services of one process need paths of their own; the same one twice stops the start.
 */
export const eventSourcingRoutes = ({ setAside, readModels }: EventSourcingRoutesOptions): EventSourcingRoutes => ({
  imports: [EventSourcingHandlersModule],
  controllers: (service) => [setAsideController(service, setAside), rebuildReadModelsController(service, readModels)],
  setAsideAt: `GET /${setAside.path}`,
});
