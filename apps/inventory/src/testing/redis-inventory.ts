import { newId } from '@seam/kernel';
import type { AfterCommit } from '@seam/messaging';
import { RedisCommitter, RedisKeys } from '@seam/messaging/redis';
import { openRedis } from '@seam/persistence/redis';
import type { Redis } from 'ioredis';
import { RedisStock } from '../adapters/redis-stock.js';
import type { StockProcess } from '../ports/stock-suite/driver.js';

const noRelay: AfterCommit = { handOver: () => undefined, whenDispatched: () => Promise.resolve() };

/** One process of the service with a stock in Redis. */
export interface RedisInventory extends StockProcess {
  readonly redis: Redis;
  readonly keys: RedisKeys;
  close(): void;
}

export const freshKeys = (): RedisKeys => new RedisKeys(`test:${newId()}`);

export async function redisInventory(url: string, keys: RedisKeys, relay = noRelay): Promise<RedisInventory> {
  const silent = (): undefined => undefined;
  const redis = await openRedis({ url, name: 'test', waitMs: 10_000, log: silent, warn: silent });
  const committer = new RedisCommitter({ service: 'inventory', redis, keys, relay });
  return { redis, keys, committer, stock: new RedisStock(committer, redis, keys), close: () => redis.disconnect() };
}
