import type pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { isBroken } from './session.js';

/** One of TypeORM's query runners, and the pool's connection that it has taken; both go by {@link releaseRunner}. */
export interface ConnectedRunner {
  readonly runner: QueryRunner;
  readonly client: pg.PoolClient;
}

/** Rejects with a `StoreAwayError` where no connection is to be had, as the pool does. */
export async function connectRunner(dataSource: DataSource): Promise<ConnectedRunner> {
  const runner = dataSource.createQueryRunner();
  return { runner, client: (await runner.connect()) as pg.PoolClient };
}

/**
 * Gives the connection back. One that is broken, by this error or inside a transaction still, is closed first: TypeORM
 * would return it to the pool as it is.
 */
export async function releaseRunner({ runner, client }: ConnectedRunner, error?: unknown): Promise<void> {
  if (runner.isReleased) return;
  if (isBroken(client, error)) client.end().catch(() => undefined);
  await runner.release();
}

/** What the server said, or the pool: TypeORM wraps it in an error of its own, with the statement. */
export const driverErrorOf = (error: unknown): unknown =>
  error instanceof Error && 'driverError' in error ? error.driverError : error;
