export * from './redis-committer.js';
export { RedisDeadLetters } from './redis-dead-letters.js';
export { RedisKeys } from './redis-keys.js';
export { RedisOutbox } from './redis-outbox.js';
export { redisStore } from './redis-store.js';
export type * from './work-adapter.js';
