import { Injectable } from '@nestjs/common';
import { type BatchContext, type Plan, PostgresCommitter, type WorkAdapter } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import type { StockChange, StockResult } from '../domain/change.js';
import { decideAll } from '../domain/ledger.js';
import type { StockLevels } from '../domain/levels.js';
import { type StockItem, StockKind, StockReader, type StockSearch } from '../ports/stock.js';
import { LEVELS, levelsOf, type LevelsRow, readUnderLocks } from './postgres-stock-reads.js';
import { writesOf } from './postgres-stock-writes.js';

/** The stock in PostgreSQL: a batch of changes is one read under locks, its decisions in memory, and one statement. */
@Injectable()
export class PostgresStock extends StockReader implements WorkAdapter<StockChange, StockResult> {
  constructor(
    committer: PostgresCommitter,
    private readonly database: Database,
  ) {
    super();
    committer.register(StockKind, this);
  }

  async plan(changes: readonly StockChange[], batch: BatchContext): Promise<Plan<StockResult>> {
    const before = await readUnderLocks(await batch.transaction(), changes);
    const after = decideAll(changes, before);
    return { results: after.results, writes: writesOf(before, after) };
  }

  override async find(sku: string): Promise<StockLevels | undefined> {
    const [row] = await this.database.prepared<LevelsRow>(
      'seam_stock_find',
      `select ${LEVELS} from stock where sku = $1`,
      [sku],
    );
    return row === undefined ? undefined : levelsOf(row);
  }

  override async list({ text, availableAtMost, after, limit }: StockSearch): Promise<StockItem[]> {
    const rows = await this.database.prepared<LevelsRow & { sku: string }>(
      'seam_stock_list',
      `select sku, ${LEVELS} from stock
       where sku collate "C" > $1 and strpos(sku, $2) > 0 and ($3::bigint is null or on_hand <= $3)
       order by sku collate "C" limit $4`,
      [after ?? '', text ?? '', availableAtMost ?? null, limit],
    );
    return rows.map((row) => ({ sku: row.sku, levels: levelsOf(row) }));
  }

  override async overdue(before: Date, limit: number): Promise<string[]> {
    const rows = await this.database.prepared<{ order_id: string }>(
      'seam_stock_overdue',
      `select order_id from reservation where state = 'reserved' and changed_at < $1 order by changed_at limit $2`,
      [before, limit],
    );
    return rows.map(({ order_id }) => order_id);
  }
}
