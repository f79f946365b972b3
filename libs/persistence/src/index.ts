export { awaitEngine, EngineUnavailableError } from './await-engine.js';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded/start.js';
export { containing } from './database/containing.js';
export { Database, type EntityClass } from './database/database.js';
export type { MigrationClass } from './database/migration.js';
export { BEGIN_BY_KEY, runByKey } from './database/plan-by-key.js';
export { CommitOutcomeUnknownError, TransactionRolledBackError, withPooled } from './database/session.js';
export type { GuardedRedis } from './redis/guarded-redis.js';
export { openRedis } from './redis/open-redis.js';
export { RedisScript } from './redis/redis-script.js';
export {
  type MongoCollection,
  type MongoCollectionSpec,
  MongoDatabase,
  type MongoFilter,
} from './mongodb/mongo-database.js';
export { isDuplicateKey, refusedWrites } from './mongodb/mongo-errors.js';
export { ClickHouseDatabase } from './clickhouse/clickhouse-database.js';
export { outageIn, StoreAwayError } from './store-away.js';
export { createDirectory } from './create-directory.js';
