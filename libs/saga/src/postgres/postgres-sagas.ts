import { Database } from '@seam/persistence/postgres';
import type { SagaEngine } from '../saga-engine.js';
import { SagaFinder } from '../saga-finder.js';
import { PostgresSagaFinder } from './postgres-saga-finder.js';

/** Finds sagas in the database of the service's `postgresStore`. */
export const postgresSagas: SagaEngine = {
  uses: [Database],
  adapters: [
    { provide: SagaFinder, inject: [Database], useFactory: (database: Database) => new PostgresSagaFinder(database) },
  ],
};
