import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type PostgresBinaries, binary } from './binaries.js';
import type { ClusterHome } from './home.js';
import { readPostmasterPid } from './postmaster-pid.js';
import { postgresArguments } from './settings.js';
import { type ServerHandle, pollUntil, signalServer } from './signal.js';

export interface RunningServer {
  readonly port: number;
  /** Resolves when the server has ended, with how it ended (`code 0`, `SIGKILL`). Never rejects. */
  readonly ended: Promise<string>;
  /**
   * Fast shutdown; after `waitMs` an immediate shutdown, and after that a kill. Resolves when the process is gone.
   */
  stop(waitMs: number): Promise<void>;
}

/** Recovery after a crash replays at most `max_wal_size`; a minute is enough for that on slow disks. */
const START_TIMEOUT_MS = 60_000;
const RETRY_WITHIN_MS = 10_000;
const LOG_LIMIT_BYTES = 5_000_000;

/**
 * Starts the server on a free port of 127.0.0.1 and waits until it accepts connections. Retries if another program took
 * the port in between, and while processes of a killed server have not yet released its shared memory.
 */
export async function startServer(home: ClusterHome, binaries: PostgresBinaries): Promise<RunningServer> {
  const end = performance.now() + RETRY_WITHIN_MS;
  for (;;) {
    try {
      return await launch(home, binaries, await freePort());
    } catch (error) {
      const passing = error instanceof Error && /address already in use|is still in use/i.test(error.message);
      if (!passing || performance.now() > end) throw error;
    }
  }
}

async function launch(home: ClusterHome, binaries: PostgresBinaries, port: number): Promise<RunningServer> {
  const { child, logStart } = await spawnServer(home, binaries, port);
  let outcome: string | undefined;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  void ended.then((how) => (outcome = how));
  endWithUs(child, ended);

  const isReady = async (): Promise<boolean> => {
    const state = await readPostmasterPid(home.dataDirectory);
    return state !== undefined && state.pid === child.pid && state.ready;
  };
  const settled = await pollUntil(async () => outcome !== undefined || (await isReady()), START_TIMEOUT_MS);
  if (outcome !== undefined || child.pid === undefined) {
    throw new Error(`it exited during its start with ${outcome}: ${await logSince(home, logStart)}`);
  }
  const handle: ServerHandle = { pid: child.pid, binaries, dataDirectory: home.dataDirectory };
  const stop = (waitMs: number): Promise<void> => stopServer(handle, ended, waitMs);
  if (!settled) {
    await stop(1_000);
    throw new Error(`it was not ready after ${START_TIMEOUT_MS} ms: ${await logSince(home, logStart)}`);
  }
  return { port, ended, stop };
}

/** For a `process.exit()` without `stop()`: the server has its own session, so it would outlive this process. */
function endWithUs(child: ChildProcess, ended: Promise<string>): void {
  const end = (): void => void child.kill('SIGINT');
  process.once('exit', end);
  void ended.then(() => process.removeListener('exit', end));
}

/**
 * The server gets a session of its own (`detached`), so that Ctrl-C in the terminal reaches only this process, which
 * stops the server after its own drain. The log goes to a file and not through a pipe, because a busy event loop must
 * never block the server's writes.
 */
async function spawnServer(
  home: ClusterHome,
  binaries: PostgresBinaries,
  port: number,
): Promise<{ child: ChildProcess; logStart: number }> {
  const path = logFile(home);
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) await rename(path, `${path}.old`);
  const log = await open(path, 'a', 0o600);
  try {
    if (home.runAs) await log.chown(home.runAs.uid, home.runAs.gid);
    const logStart = (await log.stat()).size;
    const child = spawn(binary(binaries, 'postgres'), postgresArguments(home.dataDirectory, port), {
      ...(home.runAs && { uid: home.runAs.uid, gid: home.runAs.gid }),
      cwd: home.directory,
      env: { ...process.env, LC_ALL: 'C' },
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      windowsHide: true,
    });
    child.unref();
    return { child, logStart };
  } finally {
    await log.close();
  }
}

async function stopServer(server: ServerHandle, ended: Promise<string>, waitMs: number): Promise<void> {
  const state = { running: true };
  void ended.then(() => (state.running = false));
  const plan = [
    ['fast', waitMs],
    ['immediate', 5_000],
    ['kill', 5_000],
  ] as const;
  for (const [mode, withinMs] of plan) {
    await Promise.resolve(); // detects an end that has already happened
    if (!state.running) return;
    await signalServer(server, mode);
    if (await pollUntil(() => !state.running, withinMs)) return;
  }
  throw new Error(`PostgreSQL (pid ${server.pid}) does not stop`);
}

const logFile = (home: ClusterHome): string => join(home.directory, 'postgres.log');

/** The last ten lines that the server logged after a byte offset. */
async function logSince(home: ClusterHome, offset: number): Promise<string> {
  const text = (await readFile(logFile(home)).catch(() => Buffer.alloc(0))).subarray(offset).toString();
  return text.trim().split('\n').slice(-10).join('\n');
}

/** A port that is free at this moment. PostgreSQL cannot choose one itself and report it. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
