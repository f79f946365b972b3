import { Injectable } from '@nestjs/common';
import { ClickHouseCommitter, type ClickHouseWorkAdapter } from '@seam/messaging/clickhouse';
import { ClickHouseDatabase } from '@seam/persistence/clickhouse';
import type { Period } from '../domain/buckets.js';
import {
  addCounts,
  countsOf,
  hourOf,
  noCounts,
  type SalesCounts,
  type SalesFact,
  type SalesRow,
} from '../domain/sales.js';
import { SalesKind, SalesReader, type SalesSummary } from '../ports/sales.js';
import { countsIn, type CurrencyRecord } from './counts-record.js';

/** Sales in ClickHouse: a fact is a row, and queries count them. */
@Injectable()
export class ClickHouseSales extends SalesReader implements ClickHouseWorkAdapter<SalesFact> {
  readonly table = 'sales_fact';

  constructor(
    committer: ClickHouseCommitter,
    private readonly database: ClickHouseDatabase,
  ) {
    super();
    committer.register(SalesKind, this);
  }

  row(fact: SalesFact): Record<string, unknown> {
    return {
      start: timeOf(hourOf(fact.at)).slice(0, 19),
      currency: fact.total.currency,
      type: fact.type,
      revenue: String(countsOf(fact).revenue),
      code: fact.type === 'cancelled' ? fact.code : '',
      at: timeOf(fact.at),
    };
  }

  override async summary(): Promise<SalesSummary> {
    const records = await this.database.query<CurrencyRecord & { code: string }>(SUMMARY);
    const sales = new Map<string, SalesCounts>();
    const cancellations: Record<string, number> = {};
    for (const record of records) {
      const counts = countsIn(record);
      sales.set(record.currency, addCounts(sales.get(record.currency) ?? noCounts, counts));
      if (record.code !== '') cancellations[record.code] = (cancellations[record.code] ?? 0) + counts.cancelled;
    }
    return { sales: Array.from(sales, ([currency, counts]) => ({ currency, ...counts })), cancellations };
  }

  override async sales({ from, to, bucket }: Period): Promise<SalesRow[]> {
    const records = await this.database.query<CurrencyRecord & { bucket: number | string }>(PERIOD[bucket], {
      from: from.getTime() / 1_000,
      to: to.getTime() / 1_000,
    });
    return records.map((record) => ({
      start: new Date(Number(record.bucket) * 1_000).toISOString(),
      currency: record.currency,
      ...countsIn(record),
    }));
  }
}

// For the server a sum of Int64 is an Int64, which overflows silently.
const COUNTS = `
  countIf(type = 'placed') as placed, countIf(type = 'confirmed') as confirmed,
  countIf(type = 'cancelled') as cancelled, countIf(type = 'shipped') as shipped,
  toString(sum(toInt128(sales_fact.revenue))) as revenue`;

// All rows of one message are in one partition, so other partitions need not be searched for copies.
const ONCE = 'settings do_not_merge_across_partitions_select_final = 1';

// One statement, so that orders and their cancellations are read at the same time.
const SUMMARY = `
  select currency, code, ${COUNTS} from sales_fact final group by currency, code ${ONCE}`;

const period = (bucket: string): string => `
  select toUnixTimestamp(${bucket}(start)) as bucket, currency, ${COUNTS}
  from sales_fact final where start >= fromUnixTimestamp({from:Int64}) and start < fromUnixTimestamp({to:Int64})
  group by bucket, currency ${ONCE}`;

const PERIOD = { hour: period('toStartOfHour'), day: period('toStartOfDay') };

/** A time in ClickHouse's format, in UTC as its column is. */
const timeOf = (at: string): string => new Date(at).toISOString().replace('T', ' ').slice(0, -1);
