import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { compare, load, print, type Run, runOf } from './measure.js';
import { PlainOrders } from './plain-orders.js';
import { BenchShop, SKUS } from './shop.js';

/** Pinned, because the marks were set for these versions. */
const PACKAGES = ['@dbos-inc/dbos-sdk@4.24.16', '@dbos-inc/knex-datasource@4.5.13', 'knex@3.3.0', 'pg@8.23.1'];
const CHILD = 'dbos.mjs';
const DATABASE = 'users';
/** It completes at most a tenth of the orders in the same time. */
const FEWER = 8;
const MARKS = [
  { inFlight: 32, mark: 15 },
  { inFlight: 128, mark: 20 },
];

/** Seam's orders beside the same five transactions as workflows of DBOS Transact, on one server. Fetches its packages. */
export async function benchDbos(orders: number, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'seam-bench-dbos-'));
  try {
    if (!install(folder)) return;
    const shop = await BenchShop.start();
    const peer = await DbosPeer.start(folder, await shop.databaseUrl(DATABASE));
    for (const { inFlight, mark } of MARKS)
      await compare({
        title: `Orders, from the command to confirmed, ${inFlight} in flight, compared with DBOS Transact`,
        mark,
        rounds,
        ours: { name: 'Seam', run: () => load(orders, inFlight, (index) => shop.order(index)) },
        floor: { name: 'DBOS Transact', run: () => peer.run(Math.ceil(orders / FEWER), inFlight) },
      });
    await peer.stop();
    await shop.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function install(folder: string): boolean {
  try {
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...PACKAGES], { cwd: folder });
    copyFileSync(join('bench', 'peers', CHILD), join(folder, CHILD));
    return true;
  } catch (error) {
    print(`\nskipped: DBOS Transact could not be installed (${String(error).split('\n', 1)[0] ?? ''})`);
    return false;
  }
}

class DbosPeer {
  private constructor(private readonly child: ChildProcess) {}

  /** Its tables and its own database are made on this server. */
  static async start(folder: string, url: string): Promise<DbosPeer> {
    await (await PlainOrders.create(url, 1)).close();
    const system = new URL(url);
    system.pathname = '/bench_dbos';
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('create database bench_dbos');
    await client.end();
    const env = { BENCH_URL: url, BENCH_DBOS_URL: system.href, BENCH_SKUS: JSON.stringify(SKUS) };
    const child = fork(join(folder, CHILD), { cwd: folder, env: { ...process.env, ...env } });
    await answerOf(child);
    return new DbosPeer(child);
  }

  async run(orders: number, inFlight: number): Promise<Run> {
    const answered = answerOf<{ result?: { seconds: number; latencies: number[] }; error?: string }>(this.child);
    this.child.send({ orders, inFlight });
    const { result, error } = await answered;
    if (result === undefined) throw new Error(`DBOS Transact: ${error ?? 'no result'}`);
    return runOf(result.latencies, result.seconds);
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }
}

/** Its next message; rejects if it ends without one. */
async function answerOf<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`DBOS Transact ended with ${String(code)}`);
  });
  const [answer] = (await Promise.race([once(child, 'message'), ended])) as [T];
  return answer;
}
