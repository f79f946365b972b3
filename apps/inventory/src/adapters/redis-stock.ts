import { Injectable } from '@nestjs/common';
import {
  RedisCommitter,
  RedisKeys,
  type RedisPlan,
  type RedisValues,
  type RedisWorkAdapter,
} from '@seam/messaging/redis';
import { Redis } from 'ioredis';
import type { StockChange, StockResult } from '../domain/change.js';
import { decideAll } from '../domain/ledger.js';
import type { StockLevels } from '../domain/levels.js';
import { type StockItem, StockKind, StockReader, type StockSearch } from '../ports/stock.js';
import { levelsOf, StockKeys } from './redis-stock-keys.js';
import { RedisStockList } from './redis-stock-list.js';
import { readsOf, snapshotOf } from './redis-stock-reads.js';
import { writesOf } from './redis-stock-writes.js';

/** The stock in Redis: a batch of changes is one read, its decisions in memory, and its part of the commit's script. */
@Injectable()
export class RedisStock extends StockReader implements RedisWorkAdapter<StockChange, StockResult> {
  private readonly keys: StockKeys;
  private readonly listed: RedisStockList;

  constructor(
    committer: RedisCommitter,
    private readonly redis: Redis,
    keys: RedisKeys,
  ) {
    super();
    this.keys = new StockKeys(keys);
    this.listed = new RedisStockList(redis, this.keys);
    committer.register(StockKind, this);
  }

  reads(changes: readonly StockChange[], known: RedisValues): Iterable<string> {
    return readsOf(changes, known, this.keys);
  }

  /** Most orders, and most receipts, are new. */
  *assumes(changes: readonly StockChange[]): Generator<readonly [string, null]> {
    for (const change of changes) {
      if (change.type === 'reserve') yield [this.keys.reservation(change.orderId), null];
      if ('receiptId' in change) yield [this.keys.receipt(change.receiptId), null];
    }
  }

  decide(changes: readonly StockChange[], known: RedisValues, at: number): RedisPlan<StockResult> {
    const before = snapshotOf(changes, known, this.keys);
    const after = decideAll(changes, before);
    return { results: after.results, writes: writesOf(before, after, this.keys, at) };
  }

  override async find(sku: string): Promise<StockLevels | undefined> {
    const text = await this.redis.get(this.keys.levels(sku));
    return text === null ? undefined : levelsOf(text);
  }

  override list(search: StockSearch): Promise<StockItem[]> {
    return this.listed.find(search);
  }

  override overdue(before: Date, limit: number): Promise<string[]> {
    const until = `(${before.getTime()}`;
    return this.redis.zrangebyscore(this.keys.reserved, '-inf', until, 'LIMIT', 0, limit);
  }
}
