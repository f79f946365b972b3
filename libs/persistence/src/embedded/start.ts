import { resolve } from 'node:path';
import { completeInstallation, locateBinaries } from './binaries.js';
import { ensureCluster } from './cluster.js';
import { explain } from './errors.js';
import { type ClusterHome, prepareHome } from './home.js';
import { stopLeftOver } from './left-over.js';
import { type DirectoryLock, lockDirectory } from './lock.js';
import { SUPERUSER } from './password.js';
import { reachableBinaries } from './relocate.js';
import { type RunningServer, startServer } from './server.js';

/** A running PostgreSQL server that belongs to this process. */
export interface EmbeddedPostgres {
  /** Real path; not below the directory asked for where root's PostgreSQL could not enter that. */
  readonly dataDirectory: string;
  /** On 127.0.0.1; another one at each start. */
  readonly port: number;
  /** Connection URL with the superuser's password, for a database that need not exist yet. */
  url(database: string): string;
  /** Ends the server (fast shutdown, then harder) and gives the directory free. Safe to call twice. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Created if missing; holds data, password and log. */
  directory: string;
  /** Told, in one line each, what an operator should know: other places than asked for, a left-over server stopped. */
  log?: (line: string) => void;
  /** How long a fast shutdown may take before an immediate one. Default 10,000 ms. */
  shutdownTimeoutMs?: number;
  /** Called once if the server ends though nobody stopped it. Its connections are broken; `stop()` is still due. */
  onExit?: (reason: string) => void;
}

/**
 * Starts a PostgreSQL 18 with its data in `directory`; the first start creates the cluster. Every commit is on disk
 * before it is answered. One process per directory: the lock ends with the process, however it dies, and a server that
 * a killed process left is stopped first.
 * Throws `DataDirectoryInUseError` or `EmbeddedPostgresError`; both say what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  const directory = resolve(options.directory);
  let lock: DirectoryLock | undefined;
  try {
    const installed = await locateBinaries();
    await completeInstallation(installed.root);
    const home = await prepareHome(directory, log);
    lock = await lockDirectory(home.asked);
    const binaries = await reachableBinaries(installed, home.runAs, log);
    await stopLeftOver(home, binaries, log);
    const password = await ensureCluster(home, binaries);
    const server = await startServer(home, binaries);
    return runningPostgres({ home, lock, server, password, options });
  } catch (error) {
    await lock?.release();
    throw explain(error, directory);
  }
}

function runningPostgres(parts: {
  home: ClusterHome;
  lock: DirectoryLock;
  server: RunningServer;
  password: string;
  options: EmbeddedPostgresOptions;
}): EmbeddedPostgres {
  const { home, lock, server, password, options } = parts;
  let stopping: Promise<void> | undefined;
  void server.ended.then((how) => {
    if (stopping === undefined) options.onExit?.(`PostgreSQL on ${home.dataDirectory} ended unexpectedly (${how}).`);
  });
  return {
    dataDirectory: home.dataDirectory,
    port: server.port,
    url: (database) => `postgresql://${SUPERUSER}:${password}@127.0.0.1:${server.port}/${encodeURIComponent(database)}`,
    stop: () => (stopping ??= server.stop(options.shutdownTimeoutMs ?? 10_000).finally(() => lock.release())),
  };
}
