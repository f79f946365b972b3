import { engine } from '@seam/testing/engines';
import { work } from '@seam/messaging';
import type { StockChange, StockResult } from '../domain/change.js';
import { StockKind } from '../ports/stock.js';
import { describeStock } from '../ports/stock.suite.js';
import { receipt, upTo } from '../ports/stock-suite/driver.js';
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

  it('lists SKUs that were tracked before the set of the SKUs existed', async () => {
    const keys = freshKeys();
    const { redis, stock } = await start(keys);
    await redis.mset(...upTo(700).flatMap((i) => [keys.of('stock', `OLD-${i}`), '3 0 1']));
    expect(await stock.list({ limit: 1_000 })).toHaveLength(700);
    await redis.del(keys.of('skus'));
    expect(await stock.list({ limit: 1_000 })).toEqual([]); // The migration runs once.
  });

  it('answers a receipt as the version before it did, and stores it in the same form', async () => {
    const keys = freshKeys();
    const { redis, committer } = await start(keys);
    const repeated = receipt('A', 5);
    const levels = { onHand: 6, reserved: 1, sold: 0 };
    await redis.set(keys.of('receipt', repeated.receiptId), JSON.stringify({ sku: 'A', quantity: 5, levels }));
    const commit = (change: StockChange): Promise<StockResult> =>
      committer.commit(work(StockKind, change, (value) => ({ value, messages: [] })));
    const received = { outcome: 'received', levels: { available: 6, reserved: 1, sold: 0 } };
    expect(await commit(repeated)).toEqual(received);
    await commit({ type: 'open', sku: 'A' });
    const fresh = receipt('A', 4);
    await commit(fresh);
    expect(JSON.parse((await redis.get(keys.of('receipt', fresh.receiptId))) ?? '')).toMatchObject({
      levels: { onHand: 4, reserved: 0, sold: 0 },
    });
  });

  describeStock('Redis', async () => {
    const keys = freshKeys();
    return [await start(keys), await start(keys)];
  });
});
