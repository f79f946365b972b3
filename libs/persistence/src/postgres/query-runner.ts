import type pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { isBroken } from './session.js';

/** A TypeORM query runner and the pool's connection that it uses; both are returned by {@link releaseRunner}. */
export interface ConnectedRunner {
  readonly runner: QueryRunner;
  readonly client: pg.PoolClient;
}

/** Rejects with a `StoreAwayError` if no connection is available, as the pool does. */
export async function connectRunner(dataSource: DataSource): Promise<ConnectedRunner> {
  const runner = dataSource.createQueryRunner();
  return { runner, client: (await runner.connect()) as pg.PoolClient };
}

/**
 * Returns the connection to the pool. If this error broke it, or it is still inside a transaction, it is closed first:
 * TypeORM would return it to the pool unchanged.
 */
export async function releaseRunner({ runner, client }: ConnectedRunner, error?: unknown): Promise<void> {
  if (runner.isReleased) return;
  if (isBroken(client, error)) client.end().catch(() => undefined);
  await runner.release();
}

/**
 * The original error of the server or the pool: TypeORM wraps it in an error of its own, together with the statement.
 */
export const driverErrorOf = (error: unknown): unknown =>
  error instanceof Error && 'driverError' in error ? error.driverError : error;
