import { ClickHouseError } from '@clickhouse/client';
import { CodedError } from '@seam/kernel';

/** ClickHouse did not answer, or cannot do its work now: what it was asked to do may be done or not. */
export class ClickHouseAwayError extends CodedError {
  constructor(cause: unknown) {
    super('unavailable', 'STORE.UNAVAILABLE', 'The database did not answer; try again');
    this.name = 'ClickHouseAwayError';
    this.cause = cause;
  }
}

/** What a server says that is overloaded, full or read-only for now, by the names it gives in its answers. */
const UNFIT = new Set([
  ...['TIMEOUT_EXCEEDED', 'TOO_SLOW', 'TOO_MANY_SIMULTANEOUS_QUERIES', 'TOO_MANY_PARTS', 'MEMORY_LIMIT_EXCEEDED'],
  ...['SOCKET_TIMEOUT', 'NETWORK_ERROR', 'ALL_CONNECTION_TRIES_FAILED', 'KEEPER_EXCEPTION', 'NO_ZOOKEEPER'],
  ...[
    'TABLE_IS_READ_ONLY',
    'READONLY',
    'NOT_ENOUGH_SPACE',
    'UNKNOWN_STATUS_OF_INSERT',
    'QUERY_WAS_CANCELLED',
    'ABORTED',
  ],
  ...['AUTHENTICATION_FAILED', 'ACCESS_DENIED'],
]);

/** It was asked for something it will not do, now or later: nothing was written. */
export const isClickHouseRefusal = (error: unknown): boolean =>
  error instanceof ClickHouseError && !UNFIT.has(error.type ?? '');

/** Rejects with {@link ClickHouseAwayError} for whatever is no refusal of this very request. */
export async function clickHouseAnswer<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw isClickHouseRefusal(error) ? error : new ClickHouseAwayError(error);
  }
}
