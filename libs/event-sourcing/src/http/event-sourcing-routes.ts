import { Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { ServiceParts } from '@seam/process';
import type { EventSourcingRoutes } from '../event-sourcing.module.js';
import { ListSetAsideHandler } from './list-set-aside.handler.js';
import { rebuildReadModelsController, type ReadModelRoutes } from './rebuild-read-models.controller.js';
import { CancelRebuildHandler, GetRebuildHandler, RebuildReadModelsHandler } from './rebuild-read-models.handler.js';
import { RetryAllSetAsideHandler, RetrySetAsideHandler, SetAsideRetry } from './retry-set-aside.handler.js';
import { setAsideController, type SetAsideRoutes } from './set-aside.controller.js';

/**
 * The handlers, registered once for all services of a process, because a bus finds a handler by the class of the
 * command or query.
 */
@Module({
  imports: [CqrsModule],
  providers: [
    ServiceParts,
    ListSetAsideHandler,
    RetryAllSetAsideHandler,
    RetrySetAsideHandler,
    SetAsideRetry,
    RebuildReadModelsHandler,
    CancelRebuildHandler,
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
 * Routes for the staff of an event-sourced service: the set-aside entries and their retries, and the rebuild of the
 * read models. Two services of one process need different paths; if they use the same path, the process does not start.
 */
export const eventSourcingRoutes = ({ setAside, readModels }: EventSourcingRoutesOptions): EventSourcingRoutes => ({
  imports: [EventSourcingHandlersModule],
  controllers: (service) => [setAsideController(service, setAside), rebuildReadModelsController(service, readModels)],
  setAsideAt: `GET /${setAside.path}`,
});
