import { engine } from '@seam/testing';
import { describeStock } from '../ports/stock.suite.js';
import { upTo } from '../ports/stock-suite/driver.js';
import { freshKeys, redisInventory, type RedisInventory } from '../testing/redis-inventory.js';

const server = engine('redis');

(server ? describe : describe.skip)('RedisStock', () => {
  let open: RedisInventory[] = [];

  const start = async (keys = freshKeys()): Promise<RedisInventory> => {
    const inventory = await redisInventory(server!.url, keys);
    open.push(inventory);
    return inventory;
  };

  afterEach(() => {
    for (const inventory of open) inventory.close();
    open = [];
  });

  it('lists what was kept before there was a set of the SKUs', async () => {
    const keys = freshKeys();
    const { redis, stock } = await start(keys);
    await redis.mset(...upTo(700).flatMap((i) => [keys.of('stock', `OLD-${i}`), '3 0 1']));
    expect(await stock.list({ limit: 1_000 })).toHaveLength(700);
    await redis.del(keys.of('skus'));
    expect(await stock.list({ limit: 1_000 })).toEqual([]); // Looked for once.
  });

  describeStock('Redis', async () => {
    const keys = freshKeys();
    return [await start(keys), await start(keys)];
  });
});
