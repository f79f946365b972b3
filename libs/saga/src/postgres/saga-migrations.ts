import type { MigrationClass } from '@seam/persistence/postgres';
import { SagaList1764200200000 } from './saga-list-tables.js';
import { SagaTables1760000002000 } from './tables.js';

/** The migrations of the saga list's tables, for the migrations of a service's `postgresStore`. */
export const sagaMigrations: readonly MigrationClass[] = [SagaTables1760000002000, SagaList1764200200000];
