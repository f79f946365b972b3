import type { DataSource, QueryRunner } from 'typeorm';
import { type Migration, type MigrationClass, MigrationError, fingerprint, orderMigrations } from './migration.js';

interface Applied {
  name: string;
  timestamp: string;
  checksum: string | null;
}

/** TypeORM's own table and columns, so that its command line can read it, and one additional column. */
const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS migrations (
    id serial PRIMARY KEY,
    "timestamp" bigint NOT NULL,
    name varchar NOT NULL UNIQUE,
    checksum text
  )`;

/** The same key for all services: advisory locks are per database, and each service has its own database. */
const LOCK_KEY = 7_352_638;

/**
 * Brings the schema up to date: each migration that was not applied yet runs in its own transaction, together with its
 * record. One process runs migrations at a time (session-level advisory lock); others wait up to `lockTimeoutMs` and
 * then find nothing to do. Migrations that are newer than this code are accepted, because the next version may already
 * have run. Throws `MigrationError`.
 */
export async function migrate(
  dataSource: DataSource,
  classes: readonly MigrationClass[],
  lockTimeoutMs = 60_000,
): Promise<void> {
  const migrations = orderMigrations(classes);
  if (migrations.length === 0) return;
  const runner = dataSource.createQueryRunner();
  try {
    // A migration may take longer than the limit for normal statements; waiting for another process must have a limit.
    await runner.query(`SET statement_timeout = 0; SET lock_timeout = ${Math.trunc(lockTimeoutMs)}`);
    await runner.query(`SELECT pg_advisory_lock(${LOCK_KEY})`).catch((error: unknown) => {
      throw failure(`Another process holds the migration lock for more than ${lockTimeoutMs} ms`, dataSource, error);
    });
    await runner.query('RESET lock_timeout');
    await runner.query(CREATE_TABLE);
    await applyMissing(dataSource, runner, migrations);
  } finally {
    await runner.query(`SELECT pg_advisory_unlock_all()`).catch(() => undefined);
    await runner.query('RESET statement_timeout; RESET lock_timeout').catch(() => undefined);
    await runner.release();
  }
}

async function applyMissing(dataSource: DataSource, runner: QueryRunner, migrations: Migration[]): Promise<void> {
  const applied = (await runner.query('SELECT name, "timestamp", checksum FROM migrations')) as Applied[];
  await checkHistory(dataSource, migrations, applied);
  const done = new Set(applied.map((row) => row.name));
  for (const migration of migrations) {
    if (!done.has(migration.name)) await apply(dataSource, runner, migration);
  }
}

async function checkHistory(dataSource: DataSource, migrations: Migration[], applied: Applied[]): Promise<void> {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const newest = migrations.at(-1)?.timestamp ?? 0;
  for (const row of applied) {
    const migration = known.get(row.name);
    if (migration === undefined) {
      if (Number(row.timestamp) > newest) continue;
      throw failure(
        `The migration ${row.name} was applied, but the code no longer has it (was it renamed?). Restore it`,
        dataSource,
      );
    }
    const checksum = row.checksum === null ? undefined : await fingerprint(migration);
    if (checksum !== undefined && checksum !== row.checksum) {
      throw failure(
        `The migration ${row.name} was changed after it had been applied. Restore it, and write a new migration for the change`,
        dataSource,
      );
    }
  }
}

async function apply(dataSource: DataSource, runner: QueryRunner, migration: Migration): Promise<void> {
  const checksum = (await fingerprint(migration)) ?? null;
  await runner.startTransaction();
  try {
    await migration.instance.up(runner);
    await runner.query('INSERT INTO migrations ("timestamp", name, checksum) VALUES ($1, $2, $3)', [
      migration.timestamp,
      migration.name,
      checksum,
    ]);
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    throw failure(`The migration ${migration.name} failed and was rolled back`, dataSource, error);
  }
}

function failure(what: string, dataSource: DataSource, cause?: unknown): MigrationError {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new MigrationError(`${what} (database ${dataSource.driver.database ?? 'unknown'})${why}`, { cause });
}
