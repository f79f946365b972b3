import { Injectable } from '@nestjs/common';
import { Database, withPooled } from '@seam/persistence/postgres';
import { createHash } from 'node:crypto';
import type { QueryConfig, QueryResult } from 'pg';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import { LoginThrottle } from '../ports/login-throttle.js';

const MAX_FAILURES = 10;
const WINDOW_S = 15 * 60;

/**
 * Stores a digest of the key, so that the table is not a list of addresses. The limiter deletes rows an hour after they
 * expire, every five minutes.
 */
@Injectable()
export class PostgresLoginThrottle extends LoginThrottle {
  private readonly limiter: RateLimiterPostgres;

  constructor(database: Database) {
    super();
    const query = (config: QueryConfig): Promise<QueryResult> =>
      withPooled(database.pool, (client) => client.query(config));
    this.limiter = new RateLimiterPostgres({
      // The limiter uses only this method of its client.
      storeClient: { query },
      storeType: 'client',
      tableName: 'login_failure',
      tableCreated: true,
      keyPrefix: '',
      points: MAX_FAILURES,
      duration: WINDOW_S,
    });
  }

  override async waitSeconds(key: string): Promise<number | undefined> {
    const known = await this.limiter.get(digest(key));
    if (known === null || known.consumedPoints < MAX_FAILURES) return undefined;
    return Math.ceil(known.msBeforeNext / 1_000);
  }

  override async failed(key: string): Promise<void> {
    await this.limiter.penalty(digest(key));
  }

  override async succeeded(key: string): Promise<void> {
    await this.limiter.delete(digest(key));
  }
}

const digest = (key: string): string => createHash('sha256').update(key).digest('base64url');
