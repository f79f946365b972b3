export { awaitEngine, type EngineAttempt, type EngineFailure, EngineUnavailableError } from './await-engine.js';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded/start.js';
export { Database, type EntityClass } from './database/database.js';
export type { MigrationClass } from './database/migration.js';
export { CommitOutcomeUnknownError, TransactionRolledBackError, withPooled } from './database/session.js';
export { openRedis, type OpenRedisOptions } from './redis/open-redis.js';
export { redisAnswer, RedisAwayError } from './redis/redis-error.js';
export { RedisScript } from './redis/redis-script.js';
export {
  type MongoCollection,
  type MongoCollectionSpec,
  MongoDatabase,
  type MongoDatabaseOptions,
  type MongoFilter,
} from './mongodb/mongo-database.js';
export {
  isDuplicateKey,
  isMongoOutage,
  mongoAnswer,
  MongoAwayError,
  type RefusedWrite,
  refusedWrites,
} from './mongodb/mongo-errors.js';
export { ClickHouseDatabase, type ClickHouseOptions } from './clickhouse/clickhouse-database.js';
export { ClickHouseAwayError, isClickHouseRefusal } from './clickhouse/clickhouse-error.js';
