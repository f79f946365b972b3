import { eventMigrations, postgresEvents, type PostgresEventsOptions } from '@seam/event-sourcing/postgres';
import { postgresStore, type PostgresStoreOptions } from '@seam/messaging/postgres';
import { postgresSagas, sagaList, sagaMigrations } from '@seam/saga/postgres';
import type { ServiceEngine } from '../service-engine.js';

export interface PostgresServiceOptions extends PostgresEventsOptions, Partial<PostgresStoreOptions> {}

/** A PostgreSQL database for the service, with the tables of the libraries. */
export const postgres = ({
  migrations = [],
  entities = [],
  readModels = () => [],
  ...events
}: PostgresServiceOptions = {}): ServiceEngine => ({
  adapters: ({ sagas }) => ({
    store: postgresStore({
      migrations: [...eventMigrations, ...(sagas ? sagaMigrations : []), ...migrations],
      entities,
    }),
    events: postgresEvents({ ...events, readModels: () => [...readModels(), ...(sagas ? [sagaList()] : [])] }),
    sagas: postgresSagas,
  }),
});
