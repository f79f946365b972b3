/**
 * Server settings, passed as flags so that they override the data directory's own files. Durability is PostgreSQL's
 * default, and set explicitly here: every commit is on disk before it is answered. Commits are cheap because concurrent
 * ones share one flush, and because WAL segments are recycled instead of created.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',

  listen_addresses: '127.0.0.1',
  // The length of a socket's path is limited to about 100 bytes, a data directory's is not, so only TCP is used.
  unix_socket_directories: '',
  max_connections: '200',
  password_encryption: 'scram-sha-256',

  shared_buffers: '128MB',
  wal_buffers: '16MB',
  min_wal_size: '256MB',
  max_wal_size: '1GB',
  // These binaries support only pglz, whose processor time costs more than the smaller log saves on one machine.
  wal_compression: 'off',
  checkpoint_timeout: '15min',
  // The frequently used data fits into the cache: the backend itself reads, without I/O worker processes.
  io_method: 'sync',
  random_page_cost: '1.1',
  jit: 'off',
  // Outbox and inbox rows are inserted and deleted often: vacuum them early, before dead rows accumulate.
  autovacuum_naptime: '15s',

  idle_in_transaction_session_timeout: '60s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_checkpoints: 'off',
  // The client gets its own errors; the log file keeps only messages about the server.
  log_min_messages: 'log',
  cluster_name: 'seam',
};

/** Command line of `postgres` for a data directory (absolute path) and a TCP port. */
export function postgresArguments(dataDirectory: string, port: number): string[] {
  const flags = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', dataDirectory, '-p', String(port), ...flags];
}
