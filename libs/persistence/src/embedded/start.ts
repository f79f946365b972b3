import { resolve } from 'node:path';
import { completeInstallation, locateBinaries } from './binaries.js';
import { ensureCluster } from './cluster.js';
import { explain } from './errors.js';
import { type ClusterHome, prepareHome } from './home.js';
import { stopLeftOver } from './stop-orphaned-server.js';
import { type DirectoryLock, lockDirectory } from './lock.js';
import { SUPERUSER } from './password.js';
import { reachableBinaries } from './relocate.js';
import { type RunningServer, startServer } from './server.js';

/** A running PostgreSQL server that belongs to this process. */
export interface EmbeddedPostgres {
  /**
   * Real path. It is not below the requested directory if this process is root and PostgreSQL's user could not enter
   * it.
   */
  readonly dataDirectory: string;
  /** On 127.0.0.1; a different port at each start. */
  readonly port: number;
  /** Connection URL with the superuser's password, for a database that does not have to exist yet. */
  url(database: string): string;
  /** Stops the server (fast shutdown first, then harder ones) and releases the directory. Safe to call twice. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Created if missing; contains data, password and log. */
  directory: string;
  /**
   * Called with one line for each thing that an operator should know: a location other than the requested one, or a
   * left-over server that was stopped.
   */
  log?: (line: string) => void;
  /** How long a fast shutdown may take before an immediate one follows. Default 10,000 ms. */
  shutdownTimeoutMs?: number;
  /**
   * Called once if the server ends although nobody stopped it. Its connections are broken; `stop()` must still be
   * called.
   */
  onExit?: (reason: string) => void;
}

/**
 * Starts a PostgreSQL 18 with its data in `directory`; the first start creates the cluster. Every commit is on disk
 * before it is answered. Only one process can use a directory: its lock ends with the process, however it ends, and a
 * server that a killed process left running is stopped first. Throws `DataDirectoryInUseError` or
 * `EmbeddedPostgresError`; both say what to do.
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
