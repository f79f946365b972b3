import { Injectable } from '@nestjs/common';
import { type Fragment, type Plan, PostgresCommitter, type WorkAdapter } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import type { Period } from '../domain/buckets.js';
import { type SalesFact, type SalesRow, tally, type Tally } from '../domain/sales.js';
import { SalesKind, SalesReader, type SalesSummary } from '../ports/sales.js';
import { countsIn, type CurrencyRecord } from './counts-record.js';

/** Sales in PostgreSQL: a batch of facts is added up first, and is then part of the batch's one statement. */
@Injectable()
export class PostgresSales extends SalesReader implements WorkAdapter<SalesFact, undefined> {
  constructor(
    committer: PostgresCommitter,
    private readonly database: Database,
  ) {
    super();
    committer.register(SalesKind, this);
  }

  plan(facts: readonly SalesFact[]): Promise<Plan<undefined>> {
    return Promise.resolve({ results: facts.map(() => undefined), writes: writesOf(tally(facts)) });
  }

  override async summary(): Promise<SalesSummary> {
    const [row] = await this.database.prepared<SummaryRecord>('seam_sales_summary', SUMMARY, []);
    const { sales, cancellations } = row ?? { sales: [], cancellations: {} };
    return { sales: sales.map(({ currency, ...counts }) => ({ currency, ...countsIn(counts) })), cancellations };
  }

  override async sales({ from, to, bucket }: Period): Promise<SalesRow[]> {
    const rows = await this.database.prepared<SalesRecord>('seam_sales_period', PERIOD, [bucket, from, to]);
    return rows.map(({ start, currency, ...counts }) => ({
      start: start.toISOString(),
      currency,
      ...countsIn(counts),
    }));
  }
}

type SalesRecord = CurrencyRecord & { readonly start: Date };
type SummaryRecord = { readonly sales: readonly CurrencyRecord[]; readonly cancellations: Record<string, number> };

// One statement, so that orders and their cancellations are read at the same time. Numbers of JSON would round the revenue.
const SUMMARY = `
  select
    coalesce((select json_agg(s) from (
      select currency, sum(placed) as placed, sum(confirmed) as confirmed, sum(cancelled) as cancelled,
             sum(shipped) as shipped, sum(revenue)::text as revenue
      from sales_hour group by currency) s), '[]') as sales,
    coalesce((select json_object_agg(code, count) from cancellation), '{}') as cancellations`;

const PERIOD = `
  select date_trunc($1, start, 'UTC') as start, currency, sum(placed) as placed, sum(confirmed) as confirmed,
         sum(cancelled) as cancelled, sum(shipped) as shipped, sum(revenue)::text as revenue
  from sales_hour where start >= $2 and start < $3 group by 1, 2`;

/** Rows in the same order in all processes, so that two that add to the same rows cannot deadlock. */
function writesOf({ sales, cancellations }: Tally): Fragment[] {
  const rows = [...sales]
    .sort((a, b) => compare(a.start, b.start) || compare(a.currency, b.currency))
    .map((row) => ({ ...row, revenue: String(row.revenue) }));
  const codes = [...cancellations].sort(([a], [b]) => compare(a, b)).map(([code, count]) => ({ code, count }));
  return [
    { sql: addSales, rows },
    { sql: addCancellations, rows: codes },
  ];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const addSales = (parameter: string): string =>
  `insert into sales_hour as s (start, currency, placed, confirmed, cancelled, shipped, revenue)
   select start, currency, placed, confirmed, cancelled, shipped, revenue from json_to_recordset(${parameter})
     as r(start timestamptz, currency text, placed bigint, confirmed bigint, cancelled bigint, shipped bigint, revenue numeric)
   on conflict (start, currency) do update set
     placed = s.placed + excluded.placed, confirmed = s.confirmed + excluded.confirmed,
     cancelled = s.cancelled + excluded.cancelled, shipped = s.shipped + excluded.shipped,
     revenue = s.revenue + excluded.revenue`;

const addCancellations = (parameter: string): string =>
  `insert into cancellation as c (code, count)
   select code, count from json_to_recordset(${parameter}) as r(code text, count bigint)
   on conflict (code) do update set count = c.count + excluded.count`;
