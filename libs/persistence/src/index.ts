export { awaitEngine } from './await-engine.js';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded/start.js';
export { Database, type EntityClass } from './database/database.js';
export type { MigrationClass } from './database/migration.js';
export { CommitOutcomeUnknownError, TransactionRolledBackError, withPooled } from './database/session.js';
export { openRedis } from './redis/open-redis.js';
export { redisAnswer, RedisAwayError } from './redis/redis-error.js';
export { RedisScript } from './redis/redis-script.js';
export {
  type MongoCollection,
  type MongoCollectionSpec,
  MongoDatabase,
  type MongoFilter,
} from './mongodb/mongo-database.js';
export { isDuplicateKey, isMongoOutage, mongoAnswer, MongoAwayError, refusedWrites } from './mongodb/mongo-errors.js';
export { ClickHouseDatabase } from './clickhouse/clickhouse-database.js';
export { ClickHouseAwayError } from './clickhouse/clickhouse-error.js';
