import type { FactoryProvider } from '@nestjs/common';
import { Database } from '@seam/persistence/postgres';
import { SagaFinder } from '../saga-finder.js';
import { PostgresSagaFinder } from './postgres-saga-finder.js';

/** Sagas are found in the database of the service's `postgresStore`. */
export const postgresSagas: FactoryProvider<SagaFinder> = {
  provide: SagaFinder,
  inject: [Database],
  useFactory: (database: Database) => new PostgresSagaFinder(database),
};
