import { type DynamicModule, Module } from '@nestjs/common';
import { DrainRegistry, Metrics, Readiness, requireAdapters } from '@seam/process';
import { type EventEngine, Projectors } from './event-engine.js';
import { EventStore } from './event-store.js';
import { ReadModels } from './read-models.js';
import { Rebuilds } from './rebuilds.js';
import { SetAsides } from './set-asides.js';
import { SetAsideWatch } from './set-aside-watch.js';

export interface EventSourcingOptions {
  /** The service's name. */
  readonly service: string;
  /** The module of the service's store, which the engine uses. */
  readonly imports: readonly DynamicModule[];
  readonly engine: EventEngine;
  /** Where operators find the reasons of set-aside entries, such as `GET /api/set-aside`. */
  readonly setAsideAt?: string;
}

/**
 * Event sourcing for a service: the event store, event works in its committer, read models, and the streams that are set
 * aside. Started and drained with the process, and shown in its health and metrics.
 */
@Module({})
export class EventSourcingModule {
  static forService({ service, imports, engine, setAsideAt }: EventSourcingOptions): DynamicModule {
    requireAdapters(`the events of ${service}`, engine.adapters, [EventStore, SetAsides, Rebuilds, Projectors]);
    return {
      module: EventSourcingModule,
      imports: [...imports],
      providers: [
        ...engine.adapters,
        {
          provide: ReadModels,
          inject: [Projectors, Rebuilds, DrainRegistry, Metrics],
          useFactory: ({ all }: Projectors, rebuilds: Rebuilds, drains: DrainRegistry, metrics: Metrics) =>
            new ReadModels(service, all, rebuilds, drains, metrics),
        },
        {
          provide: SetAsideWatch,
          inject: [SetAsides, Readiness, Metrics, DrainRegistry],
          useFactory: (asides: SetAsides, readiness: Readiness, metrics: Metrics, drains: DrainRegistry) =>
            new SetAsideWatch({ service, setAsideAt }, asides, readiness, metrics, drains),
        },
      ],
      exports: [EventStore, SetAsides, ReadModels],
    };
  }
}
