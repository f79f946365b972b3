export type { GuardedRedis } from './guarded-redis.js';
export { openRedis } from './open-redis.js';
export { RedisScript } from './redis-script.js';
