import type { MigrationClass } from '@seam/persistence/postgres';
import { EventMetadata1764620000000, EventSchemaVersion1764610000000 } from './event-metadata-columns.js';
import { ProjectionVersions1764640000000 } from './projection-versions.js';
import { PersonKeys1764650000000 } from './personal-key-tables.js';
import { ReadModelTables1760000020000 } from './read-model-tables.js';
import { Snapshots1764630000000 } from './snapshot-table.js';
import { EventTables1760000001000 } from './tables.js';

/**
 * The migrations of the event store's and the read models' tables, for the migrations of a service's `postgresStore`.
 */
export const eventMigrations: readonly MigrationClass[] = [
  EventTables1760000001000,
  ReadModelTables1760000020000,
  EventSchemaVersion1764610000000,
  EventMetadata1764620000000,
  Snapshots1764630000000,
  ProjectionVersions1764640000000,
  PersonKeys1764650000000,
];
