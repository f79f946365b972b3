export { DataDirectoryInUseError, EmbeddedPostgresError, type EmbeddedPostgresFailure } from './embedded/errors.js';
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './embedded/start.js';
export { Database, type DatabaseOptions, type EntityClass } from './database/database.js';
export { DatabaseUnavailableError } from './database/create.js';
export { type MigrationClass, MigrationError } from './database/migration.js';
export { CommitOutcomeUnknownError, TransactionRolledBackError, withPooled } from './database/session.js';
