import { RedisDeadLetters, RedisKeys, RedisOutbox } from '@seam/messaging/redis';
import { Redis } from 'ioredis';
import type { StockStore } from './stores.js';

const LEVELS = '{seam:inventory}:stock:';
const RESERVATION = '{seam:inventory}:reservation:';

/** The stock's store on Redis. */
export function onRedis(url: string): StockStore {
  const keys = new RedisKeys('seam:inventory');
  const read = async <T>(task: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1 });
    try {
      await redis.connect();
      return await task(redis);
    } finally {
      redis.disconnect();
    }
  };
  /** The values of the keys with this prefix, by the rest of the key. */
  const texts = (prefix: string): Promise<[string, string][]> =>
    read(async (redis) => {
      const names = await redis.keys(`${prefix}*`);
      const found = names.length === 0 ? [] : await redis.mget(names);
      return names.map((name, index) => [name.slice(prefix.length), found[index] ?? '']);
    });
  return {
    levels: async () =>
      (await texts(LEVELS)).map(([sku, text]) => {
        const [available = NaN, reserved = NaN, sold = NaN] = text.split(' ').map(Number);
        return { sku, available, reserved, sold };
      }),
    holdings: async () =>
      (await texts(RESERVATION))
        .filter(([, text]) => /^(?:reserved|sold) /.test(text))
        .map(([orderId, text]) => {
          const lines = JSON.parse(text.slice(text.indexOf(' ') + 1)) as [string, number][];
          return { orderId, lines: lines.map(([sku, quantity]) => ({ sku, quantity })) };
        }),
    waiting: () => read(async (redis) => (await new RedisOutbox(redis, keys).lag()).waiting),
    dead: () =>
      read(async (redis) => {
        const letters = await new RedisDeadLetters(redis, keys).list(1_000);
        return letters.map(({ handler, reason }) => `${handler}: ${reason}`);
      }),
  };
}
