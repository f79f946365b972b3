import { engine } from '@seam/testing';
import { describeStock } from '../ports/stock.suite.js';
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

  describeStock('Redis', async () => {
    const keys = freshKeys();
    return [await start(keys), await start(keys)];
  });
});
