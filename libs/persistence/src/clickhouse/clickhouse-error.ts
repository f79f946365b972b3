import { ClickHouseError } from '@clickhouse/client';

/** Error names in the answers of a server that is overloaded, full, or temporarily read-only. */
const NOT_USABLE = new Set([
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

/** The server rejected the request itself and would always reject it: nothing was written. */
export const isClickHouseRefusal = (error: unknown): boolean =>
  error instanceof ClickHouseError && !NOT_USABLE.has(error.type ?? '');
