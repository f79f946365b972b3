import type { Redis } from 'ioredis';
import type { StockItem, StockSearch } from '../ports/stock.js';
import { levelsOf, type StockKeys } from './redis-stock-keys.js';

/** Number of SKUs read at once. */
const AT_ONCE = 500;

/** The list of the stock: Redis sorts the SKUs, and they are filtered here. */
export class RedisStockList {
  #complete = false;

  constructor(
    private readonly redis: Redis,
    private readonly keys: StockKeys,
  ) {}

  async find({ text = '', availableAtMost = Infinity, after, limit }: StockSearch): Promise<StockItem[]> {
    await this.complete();
    const found: StockItem[] = [];
    let from = after === undefined ? '-' : `(${after}`;
    for (;;) {
      const skus = await this.redis.zrangebylex(this.keys.skus, from, '+', 'LIMIT', 0, AT_ONCE);
      for (const item of await this.levelsOf(skus.filter((sku) => sku.includes(text)))) {
        if (item.levels.available > availableAtMost) continue;
        found.push(item);
        if (found.length === limit) return found;
      }
      const last = skus.at(-1);
      if (last === undefined || skus.length < AT_ONCE) return found;
      from = `(${last}`;
    }
  }

  private async levelsOf(skus: readonly string[]): Promise<StockItem[]> {
    if (skus.length === 0) return [];
    const texts = await this.redis.mget(skus.map((sku) => this.keys.levels(sku)));
    return texts.flatMap((text, index) => {
      const sku = skus[index];
      return text === null || sku === undefined ? [] : [{ sku, levels: levelsOf(text) }];
    });
  }

  /**
   * Adds, once for a store, the SKUs that were tracked before the set existed. May run twice at once or be repeated: it only
   * adds, and SKUs are never removed.
   */
  private async complete(): Promise<void> {
    if (this.#complete) return;
    if ((await this.redis.exists(this.keys.skusComplete)) === 0) {
      const prefix = this.keys.levels('');
      let cursor = '0';
      do {
        const pattern = `${prefix.replace(/[\\*?[\]]/g, String.raw`\$&`)}*`;
        const [next, keys] = await this.redis.scan(cursor, 'MATCH', pattern, 'COUNT', AT_ONCE);
        const members = keys.flatMap((key) => [0, key.slice(prefix.length)]);
        if (members.length > 0) await this.redis.zadd(this.keys.skus, ...members);
        cursor = next;
      } while (cursor !== '0');
      await this.redis.set(this.keys.skusComplete, '1');
    }
    this.#complete = true;
  }
}
