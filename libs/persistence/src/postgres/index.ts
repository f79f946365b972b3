export { containing } from './like-pattern.js';
export { Database, type EntityClass } from './database.js';
export type { MigrationClass } from './migration.js';
export { BEGIN_BY_KEY, FIND_BY_KEY, runByKey } from './plan-by-key.js';
export { type ConnectedRunner, driverErrorOf, releaseRunner } from './query-runner.js';
export { CommitOutcomeUnknownError, TransactionRolledBackError, withPooled } from './session.js';
