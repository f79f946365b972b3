import { readdirSync, readFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import pg from 'pg';
import { load, print } from './measure.js';
import { BenchShop } from './shop.js';

const SERVICES = ['users', 'products', 'orders', 'inventory', 'payments', 'notifications', 'analytics'];
const IN_FLIGHT = [32, 128];
/** USER_HZ, which Linux has fixed at 100 for programs. */
export const MS_PER_TICK = 10;
const SHOWN = 24;

interface StatementRow {
  readonly service: string;
  readonly calls: number;
  readonly ms: number;
  readonly rows: number;
  readonly walBytes: number;
  /** Whole pages in its WAL: the first changes of pages after a checkpoint. */
  readonly pages: number;
  readonly query: string;
}

/**
 * What one order costs, independent of other load on the machine: processor time of this process and of PostgreSQL,
 * garbage collection, WAL, and PostgreSQL's statements by the time they took. Needs Linux and its own server.
 */
export async function benchCost(orders: number, rounds: number): Promise<void> {
  await counting(async (shop, client) => {
    for (const inFlight of IN_FLIGHT) {
      let statements: readonly StatementRow[] = [];
      for (let round = 1; round <= rounds; round += 1)
        ({ statements } = await costOf(shop, client, { orders, inFlight }));
      const all = statements.reduce((sum, { ms }) => sum + ms, 0);
      for (const row of statements.slice(0, SHOWN)) print(statementLine(row, all, orders));
    }
  });
}

/** A shop whose server counts statements, with a connection to it; without /proc, prints why it cannot run. */
export async function counting(bench: (shop: BenchShop, client: pg.Client) => Promise<void>): Promise<void> {
  if (process.platform !== 'linux') {
    print('\nskipped: the cost of an order is read from /proc, which Linux has');
    return;
  }
  const shop = await BenchShop.startCounting();
  const client = new pg.Client(await shop.databaseUrl('users'));
  await client.connect();
  await client.query('create extension if not exists pg_stat_statements');
  await bench(shop, client);
  await client.end();
  await shop.stop();
}

export interface Cost {
  /** Of both processes, per order. */
  readonly cpuMs: number;
  readonly walKb: number;
  readonly statements: readonly StatementRow[];
}

/** Places orders, and prints and resolves with the cost of one. */
export async function costOf(
  shop: BenchShop,
  client: pg.Client,
  { orders, inFlight }: { orders: number; inFlight: number },
): Promise<Cost> {
  await client.query('select pg_stat_statements_reset()');
  const postmaster = await postmasterOf(client);
  const wal = await walPosition(client);
  const garbage = collecting();
  const node = process.cpuUsage();
  const postgres = serverTicks(postmaster);
  const run = await load(orders, inFlight, (index) => shop.order(index));
  const nodeMs = cpuMs(process.cpuUsage(node)) / orders;
  const postgresMs = ((serverTicks(postmaster) - postgres) * MS_PER_TICK) / orders;
  const walKb = ((await walPosition(client)) - wal) / 1024 / orders;
  const statements = await statementsOf(client);
  print(
    `\n${orders} orders, ${inFlight} in flight: ${run.perSecond.toFixed(0)}/s, p50 ${run.p50.toFixed(1)} ms\n` +
      `  per order: Node ${nodeMs.toFixed(3)} ms (garbage ${(garbage() / orders).toFixed(3)}), ` +
      `PostgreSQL ${postgresMs.toFixed(3)} ms, WAL ${walKb.toFixed(1)} kB; ` +
      `resident ${(process.memoryUsage().rss / 1024 ** 2).toFixed(0)} MB`,
  );
  print(perOrder('all', statements, orders));
  for (const service of SERVICES)
    print(
      perOrder(
        service,
        statements.filter((row) => row.service === service),
        orders,
      ),
    );
  return { cpuMs: nodeMs + postgresMs, walKb, statements };
}

function perOrder(name: string, statements: readonly StatementRow[], orders: number): string {
  const calls = statements.reduce((sum, row) => sum + row.calls, 0);
  const us = statements.reduce((sum, row) => sum + 1_000 * row.ms, 0);
  const wal = statements.reduce((sum, row) => sum + row.walBytes, 0);
  const pages = statements.reduce((sum, row) => sum + row.pages, 0);
  return (
    `  ${name.padEnd(14)} ${(calls / orders).toFixed(3)} statements, ${(us / orders).toFixed(0).padStart(4)} µs, ` +
    `WAL ${(wal / orders).toFixed(0).padStart(5)} B with ${(pages / orders).toFixed(3)} whole pages per order`
  );
}

const statementLine = (
  { service, calls, ms, rows, walBytes, query }: StatementRow,
  all: number,
  orders: number,
): string =>
  `  ${((100 * ms) / all).toFixed(1).padStart(5)} % ${((1_000 * ms) / orders).toFixed(0).padStart(4)} µs/order ` +
  `${(ms / calls).toFixed(3).padStart(7)} ms × ${String(calls).padStart(5)} ` +
  `${(rows / orders).toFixed(2).padStart(6)} rows ${(walBytes / orders).toFixed(0).padStart(5)} B WAL  ${service}: ${query.replaceAll(/\s+/g, ' ').slice(0, 240)}`;

async function statementsOf(client: pg.Client): Promise<StatementRow[]> {
  const { rows } = await client.query<StatementRow>(
    `
    select substr(d.datname, 6) as service, s.calls::int, s.total_exec_time as ms, s.rows::int,
           s.wal_bytes::float8 as "walBytes", s.wal_fpi::int as pages, s.query
    from pg_stat_statements s join pg_database d on d.oid = s.dbid
    where substr(d.datname, 6) = any($1) order by ms desc`,
    [SERVICES],
  );
  return rows;
}

export async function postmasterOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>(
    `select split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int as pid`,
  );
  return rows[0]?.pid ?? 0;
}

async function walPosition(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ bytes: number }>(
    `select (pg_current_wal_insert_lsn() - '0/0')::float8 as bytes`,
  );
  return rows[0]?.bytes ?? 0;
}

export const cpuMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;

/** Returns the milliseconds of garbage collection since then. */
function collecting(): () => number {
  let ms = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) ms += duration;
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => {
    observer.disconnect();
    return ms;
  };
}

/** Processor time of a server and all its processes, including ended ones, in ticks. */
export function serverTicks(postmaster: number): number {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    let fields: string[];
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    } catch {
      continue;
    }
    const [ppid, utime, stime, cutime, cstime] = [1, 11, 12, 13, 14].map((index) => Number(fields[index]));
    if (Number(pid) === postmaster) ticks += (utime ?? 0) + (stime ?? 0) + (cutime ?? 0) + (cstime ?? 0);
    else if (ppid === postmaster) ticks += (utime ?? 0) + (stime ?? 0);
  }
  return ticks;
}
