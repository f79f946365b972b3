import { type FactoryProvider, Inject, Injectable, Logger } from '@nestjs/common';
import { type GuardedRedis, openRedis } from '@seam/persistence/redis';
import { DrainRegistry, ProcessContext } from '@seam/process';
import { Redis } from 'ioredis';
import { Committer } from '../committer.js';
import { DeadLetters } from '../dead-letters.js';
import { Outbox } from '../outbox.js';
import { Relay } from '../relay.js';
import { type ServiceStore, StoreLifecycle } from '../service-store.js';
import { RedisCommitter } from './redis-committer.js';
import { RedisDeadLetters } from './redis-dead-letters.js';
import { RedisKeys } from './redis-keys.js';
import { RedisOutbox } from './redis-outbox.js';

@Injectable()
class RedisLifecycle extends StoreLifecycle {
  /** Any number of processes share the server. */
  override readonly exclusive = false;

  constructor(@Inject(Redis) private readonly redis: GuardedRedis) {
    super();
  }

  override answers(): Promise<void> {
    return this.redis.answers();
  }

  /** Marks expire by themselves. */
  override start(): void {}

  override stop(): Promise<void> {
    return Promise.resolve();
  }
}

/** The service's connection, closed when the process stops, even if it is still being opened. */
function openConnection(service: string): FactoryProvider<GuardedRedis> {
  return {
    provide: Redis,
    inject: [ProcessContext, DrainRegistry],
    useFactory: async ({ settings }: ProcessContext, drains: DrainRegistry) => {
      const { redisUrl: url, waitMs } = settings;
      if (url === undefined) throw new Error(`${service} stores its data in Redis, but REDIS_URL is not set`);
      const logger = new Logger('redis');
      const [log, warn] = [(line: string) => logger.log(line), (line: string) => logger.warn(line)];
      const opening = openRedis({ url, name: `seam-${service}`, waitMs, log, warn });
      return drains.addOpening(`${service} Redis`, opening, (redis) => redis.disconnect());
    },
  };
}

/** The server of REDIS_URL: a set of keys per service, with its committer, outbox, inbox and dead letters. */
export const redisStore = (): ServiceStore => ({
  providers: (service) => [
    openConnection(service),
    { provide: RedisKeys, useValue: new RedisKeys(`seam:${service}`) },
    {
      provide: Outbox,
      inject: [Redis, RedisKeys],
      useFactory: (redis: Redis, keys: RedisKeys) => new RedisOutbox(redis, keys),
    },
    {
      provide: DeadLetters,
      inject: [Redis, RedisKeys],
      useFactory: (redis: Redis, keys: RedisKeys) => new RedisDeadLetters(redis, keys),
    },
    {
      provide: RedisCommitter,
      inject: [Redis, RedisKeys, Relay],
      useFactory: (redis: Redis, keys: RedisKeys, relay: Relay) => new RedisCommitter({ service, redis, keys, relay }),
    },
    { provide: Committer, useExisting: RedisCommitter },
    { provide: StoreLifecycle, useClass: RedisLifecycle },
  ],
  exports: [Redis, RedisKeys, RedisCommitter],
  engine: 'redis',
});
