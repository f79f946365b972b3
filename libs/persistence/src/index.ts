export { awaitEngine, type EngineAttempt, type EngineFailure, EngineUnavailableError } from './await-engine.js';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded/start.js';
export { Database, type EntityClass } from './database/database.js';
export type { MigrationClass } from './database/migration.js';
export { CommitOutcomeUnknownError, TransactionRolledBackError, withPooled } from './database/session.js';
