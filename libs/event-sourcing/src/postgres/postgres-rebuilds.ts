import type { Pool, PoolClient } from 'pg';
import { type RebuildProgress, RebuildRunningError, Rebuilds, type ReportProgress } from '../rebuilds.js';

/** One lock for all read models: advisory locks are per database, and each service has its own database. */
const LOCK_KEY = 7_352_639;
const REPORT_EVERY_MS = 200;

interface ProgressRow {
  since: Date;
  readModel: string;
  events: string;
}

/**
 * Uses an advisory lock of a session, which the server releases when the connection ends. The same session writes the
 * progress, so that others can read it while the rebuild's transaction is open.
 */
export class PostgresRebuilds extends Rebuilds {
  constructor(private readonly pool: Pool) {
    super();
  }

  override async run<T>(work: (report: ReportProgress) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let held = false;
    try {
      held = await tryLock(client);
      if (!held) throw new RebuildRunningError(await progressOf(client));
      const progress = new ProgressWriter(client);
      await progress.begin();
      return await work((readModel, events) => progress.report(readModel, events)).finally(() => progress.ended());
    } finally {
      const unlocked = !held || (await unlock(client));
      client.release(!unlocked);
    }
  }

  override async running(): Promise<RebuildProgress | undefined> {
    const { rows } = await this.pool.query(
      `select from pg_locks where locktype = 'advisory' and classid = 0 and objid = $1 and objsubid = 1
         and database = (select oid from pg_database where datname = current_database())`,
      [LOCK_KEY],
    );
    return rows.length === 0 ? undefined : progressOf(this.pool);
  }
}

async function tryLock(client: PoolClient): Promise<boolean> {
  const text = 'select pg_try_advisory_lock($1) as locked';
  const { rows } = await client.query<{ locked: boolean }>(text, [LOCK_KEY]);
  return rows[0]?.locked === true;
}

/** False if the connection is broken: closing it releases the lock, too. */
const unlock = (client: PoolClient): Promise<boolean> =>
  client.query('select pg_advisory_unlock($1)', [LOCK_KEY]).then(
    () => true,
    () => false,
  );

async function progressOf(db: Pick<Pool, 'query'>): Promise<RebuildProgress> {
  const text = 'select since, read_model as "readModel", events from rebuild';
  const [row] = (await db.query<ProgressRow>(text)).rows;
  // Another rebuild has just started.
  if (row === undefined) return { since: new Date(), readModel: '', events: 0 };
  return { ...row, events: Number(row.events) };
}

/** Reports a rebuild's progress: not for every batch, and without making the rebuild wait. */
class ProgressWriter {
  #reportedAt = 0;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(private readonly client: PoolClient) {}

  async begin(): Promise<void> {
    await this.client.query(
      `insert into rebuild (since, read_model, events) values (now(), '', 0)
       on conflict (one) do update set since = excluded.since, read_model = '', events = 0`,
    );
  }

  report(readModel: string, events: number): void {
    if (Date.now() - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = Date.now();
    const written = this.client.query('update rebuild set read_model = $1, events = $2', [readModel, events]);
    this.#writing = written.catch(() => undefined);
  }

  async ended(): Promise<void> {
    await this.#writing;
    await this.client.query('delete from rebuild').catch(() => undefined);
  }
}
