import { Module } from '@nestjs/common';
import { type EventEngine, EventSourcingModule } from '@seam/event-sourcing';
import { eventSourcingRoutes } from '@seam/event-sourcing/http';
import { eventMigrations, postgresEvents } from '@seam/event-sourcing/postgres';
import type { ServiceDefinition } from '@seam/host';
import { text } from '@seam/kernel';
import { MessagingModule } from '@seam/messaging';
import { postgresStore } from '@seam/messaging/postgres';
import { z } from 'zod';
import { sagaRoutes } from '../http/index.js';
import { postgresSagas, sagaList, sagaMigrations } from '../postgres/index.js';
import { SagaModule } from '../saga.module.js';
import { tripSaga } from './trip.js';

export interface SagaServiceOptions {
  /** The names of the modules that it has; by default all of them, in this order. */
  readonly modules?: readonly (keyof ReturnType<typeof modulesOf>)[];
  readonly events?: EventEngine;
}

const eventsOnPostgres = postgresEvents({ readModels: () => [sagaList()], cachedStreams: 100 });

const modulesOf = (service: string, engine: EventEngine) => ({
  messaging: () =>
    MessagingModule.forService({
      service,
      store: postgresStore({ migrations: [...eventMigrations, ...sagaMigrations] }),
    }),
  events: () =>
    EventSourcingModule.forService({
      service,
      engine,
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
      sagas: [tripSaga],
      engine: postgresSagas,
      http: sagaRoutes({
        path: `api/${service}/sagas`,
        correlation: { name: 'tripId', answer: z.string(), query: text({ max: 64 }) },
        example: { definition: 'trip', correlationId: 'trip-1', step: 'flight' },
      }),
    }),
});

/** A service that only runs sagas of trips, on PostgreSQL, with its routes below its own name. */
export function sagaService(
  name: string,
  { modules = ['messaging', 'events', 'sagas'], events = eventsOnPostgres }: SagaServiceOptions = {},
): ServiceDefinition {
  const all = modulesOf(name, events);
  @Module({ imports: modules.map((one) => all[one]()) })
  class TripsModule {}
  return { name, module: TripsModule, needs: [] };
}
