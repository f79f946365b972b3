/**
 * Server settings, given as flags so that they hold whatever the data directory's own files say.
 * Durability is PostgreSQL's default and pinned here: every commit is on disk before it is answered. Commits are
 * cheap because concurrent ones share a flush and because WAL segments are recycled instead of created.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',

  listen_addresses: '127.0.0.1',
  // A socket's path is limited to about 100 bytes, a data directory's is not: TCP only.
  unix_socket_directories: '',
  max_connections: '200',
  password_encryption: 'scram-sha-256',

  shared_buffers: '128MB',
  wal_buffers: '16MB',
  min_wal_size: '256MB',
  max_wal_size: '1GB',
  // These binaries know only pglz, which costs more processor time than the smaller log saves on one machine.
  wal_compression: 'off',
  checkpoint_timeout: '15min',
  // The hot data fits the cache: reads by the backend itself, no I/O worker processes to start and feed.
  io_method: 'sync',
  random_page_cost: '1.1',
  jit: 'off',
  // Outbox and inbox rows come and go: vacuum them before they pile up.
  autovacuum_naptime: '15s',

  idle_in_transaction_session_timeout: '60s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_checkpoints: 'off',
  // The client gets its own errors; the file keeps what concerns the server.
  log_min_messages: 'log',
  cluster_name: 'seam',
};

/** Command line of `postgres` for a data directory (absolute path) and a TCP port. */
export function postgresArguments(dataDirectory: string, port: number): string[] {
  const flags = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', dataDirectory, '-p', String(port), ...flags];
}
