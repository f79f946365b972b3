import { Module } from '@nestjs/common';
import { type EventEngine, EventSourcingModule } from '@seam/event-sourcing';
import { eventSourcingRoutes } from '@seam/event-sourcing/http';
import { eventMigrations, postgresEvents } from '@seam/event-sourcing/postgres';
import type { ServiceDefinition } from '@seam/host';
import { text } from '@seam/kernel';
import { MessagingModule } from '@seam/messaging';
import type { EventContract } from '@seam/messaging/contract';
import { postgresStore } from '@seam/messaging/postgres';
import { z } from 'zod';
import { sagaRoutes } from '../http/index.js';
import { eventCollections, mongoEvents } from '@seam/event-sourcing/mongodb';
import { mongoStore } from '@seam/messaging/mongodb';
import type { ServiceStore } from '@seam/messaging';
import { mongoSagas, mongoSagaView } from '../mongodb/index.js';
import { postgresSagas, sagaList, sagaMigrations } from '../postgres/index.js';
import type { SagaEngine } from '../saga-engine.js';
import { SagaModule } from '../saga.module.js';
import { tripSaga } from './trip.js';

export interface SagaServiceOptions {
  /** The names of the modules that it has; by default all of them, in this order. */
  readonly modules?: readonly (keyof ReturnType<typeof modulesOf>)[];
  readonly events?: EventEngine;
  readonly engine?: 'PostgreSQL' | 'MongoDB';
  /** The sagas that it runs besides those of trips. */
  readonly more?: readonly unknown[];
  /** The events that it subscribes to. */
  readonly takes?: readonly EventContract[];
  /** The path of its sagas; its own by default. */
  readonly path?: string;
}

export interface TripsService extends ServiceDefinition {
  readonly takes?: readonly EventContract[];
}

interface Engines {
  readonly store: ServiceStore;
  readonly events: EventEngine;
  readonly sagas: SagaEngine;
}

const onPostgres: Engines = {
  store: postgresStore({ migrations: [...eventMigrations, ...sagaMigrations] }),
  events: postgresEvents({ readModels: () => [sagaList()], cachedStreams: 100 }),
  sagas: postgresSagas,
};

const onMongo: Engines = {
  store: mongoStore({ collections: eventCollections }),
  events: mongoEvents({ readModels: (db, follow) => [follow(mongoSagaView(db))] }),
  sagas: mongoSagas,
};

const modulesOf = (service: string, { store, events, sagas }: Engines, path: string, more: readonly unknown[]) => ({
  messaging: () => MessagingModule.forService({ service, store }),
  events: () =>
    EventSourcingModule.forService({
      service,
      engine: events,
      http: eventSourcingRoutes({
        setAside: {
          path: `api/${service}/set-aside`,
          example: { what: 'trip-list', stream: 'trip-1', reason: 'event 3 (trip-renamed): unexpected case' },
        },
        readModels: { path: `api/${service}/read-models`, tag: service, lists: 'sagas', example: 'saga-list' },
      }),
    }),
  sagas: () =>
    SagaModule.forService({
      service,
      sagas: [tripSaga, ...more],
      engine: sagas,
      http: sagaRoutes({
        path,
        correlation: { name: 'tripId', answer: z.string(), query: text({ max: 64 }) },
        example: { definition: 'trip', correlationId: 'trip-1', step: 'flight' },
      }),
    }),
});

/** A service that only runs sagas of trips, with its routes below its own name: on PostgreSQL unless it is to be on MongoDB. */
export function sagaService(
  name: string,
  {
    modules = ['messaging', 'events', 'sagas'],
    events,
    path = `api/${name}/sagas`,
    engine = 'PostgreSQL',
    more = [],
    takes = [],
  }: SagaServiceOptions = {},
): TripsService {
  const engines = engine === 'MongoDB' ? onMongo : onPostgres;
  const all = modulesOf(name, events === undefined ? engines : { ...engines, events }, path, more);
  @Module({ imports: modules.map((one) => all[one]()) })
  class TripsModule {}
  return { name, module: TripsModule, needs: [], takes };
}
