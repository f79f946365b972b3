import { type DynamicModule, Module } from '@nestjs/common';
import { DrainRegistry, Metrics, Readiness, requireAdapters, serviceModule, type ServiceRoutes } from '@seam/process';
import { AggregateReader } from './aggregate-reader.js';
import { type EventEngine, Projectors } from './event-engine.js';
import { EventStore } from './event-store.js';
import { PersonalKeys } from './personal-keys.js';
import { ReadModels } from './read-models.js';
import { Rebuilds } from './rebuilds.js';
import { SetAsides } from './set-asides.js';
import { SetAsideWatch } from './set-aside-watch.js';
import { SnapshotWriter } from './snapshots.js';

export interface EventSourcingOptions {
  /** The service's name; the same as that of its `MessagingModule`. */
  readonly service: string;
  readonly engine: EventEngine;
  /** The HTTP routes for operators: `eventSourcingRoutes` of `@seam/event-sourcing/http`. */
  readonly http?: EventSourcingRoutes;
}

export interface EventSourcingRoutes extends ServiceRoutes {
  /** Where operators find the reasons of set-aside entries, such as `GET /api/set-aside`. */
  readonly setAsideAt: string;
}

/**
 * Event sourcing for a service: the event store, event works in its committer, read models, and set-aside streams. It
 * is started and drained with the process, and shown in its health and metrics. It uses the store and the committer of
 * the service's `MessagingModule`: if that module is missing or uses another engine, the start fails.
 */
@Module({})
export class EventSourcingModule {
  static forService({ service, engine, http }: EventSourcingOptions): DynamicModule {
    requireAdapters(`the events of ${service}`, engine.adapters, [EventStore, SetAsides, Rebuilds, Projectors]);
    return serviceModule(service, {
      module: EventSourcingModule,
      takes: [{ from: 'MessagingModule', parts: engine.uses }],
      imports: [...(http?.imports ?? [])],
      controllers: [...(http?.controllers(service) ?? [])],
      providers: [
        ...engine.adapters,
        {
          provide: ReadModels,
          inject: [Projectors, Rebuilds, DrainRegistry, Metrics],
          useFactory: ({ all }: Projectors, rebuilds: Rebuilds, drains: DrainRegistry, metrics: Metrics) =>
            new ReadModels(service, all, rebuilds, drains, metrics),
        },
        {
          provide: SnapshotWriter,
          inject: [EventStore, DrainRegistry],
          useFactory: (store: EventStore, drains: DrainRegistry) => {
            const snapshots = new SnapshotWriter(store);
            drains.add({ name: `${service} snapshots`, drain: () => snapshots.idle() });
            return snapshots;
          },
        },
        {
          provide: AggregateReader,
          inject: [EventStore, ReadModels, SnapshotWriter],
          useFactory: (store: EventStore, models: ReadModels, snapshots: SnapshotWriter) =>
            new AggregateReader(store, models, snapshots),
        },
        { provide: PersonalKeys, inject: [EventStore], useFactory: (store: EventStore) => store.personalKeys },
        {
          provide: SetAsideWatch,
          inject: [SetAsides, Readiness, Metrics, DrainRegistry],
          useFactory: (asides: SetAsides, readiness: Readiness, metrics: Metrics, drains: DrainRegistry) =>
            new SetAsideWatch({ service, setAsideAt: http?.setAsideAt }, asides, readiness, metrics, drains),
        },
      ],
      exports: [EventStore, AggregateReader, PersonalKeys, SetAsides, ReadModels],
    });
  }
}
