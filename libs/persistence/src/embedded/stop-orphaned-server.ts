import { execFile } from 'node:child_process';
import { readlink, rm } from 'node:fs/promises';
import { platform } from 'node:os';
import { promisify } from 'node:util';
import type { PostgresBinaries } from './binaries.js';
import { EmbeddedPostgresError } from './errors.js';
import type { ClusterHome } from './home.js';
import { pidFile, readPostmasterPid } from './postmaster-pid.js';
import { isAlive, pollUntil, signalServer } from './signal.js';

/**
 * Stops the server that a killed parent process left running on this data directory. It is stopped and not reused: this
 * also ends the open transactions of the dead parent, and the new server runs with the current settings. The caller
 * holds the lock, so no running process uses it.
 * A pid file whose pid now belongs to some other program (after a power loss, or in a restarted container) is removed,
 * because PostgreSQL would mistake that program for a server. PostgreSQL itself removes a pid file whose process is
 * gone.
 */
export async function stopLeftOver(
  home: ClusterHome,
  binaries: PostgresBinaries,
  log: (line: string) => void,
): Promise<void> {
  const left = await readPostmasterPid(home.dataDirectory);
  if (left === undefined || !isAlive(left.pid)) return;
  const isGone = async (): Promise<boolean> => !isAlive(left.pid) || !(await isServerOn(left.pid, home.dataDirectory));
  if (await isGone()) return removePidOfAnother(left.pid, home.dataDirectory);
  log(`Stopping the PostgreSQL (pid ${left.pid}) that an earlier process left running on ${home.dataDirectory}.`);
  const server = { pid: left.pid, binaries, dataDirectory: home.dataDirectory };
  for (const [mode, withinMs] of [
    ['fast', 5_000],
    ['immediate', 5_000],
    ['kill', 2_000],
  ] as const) {
    await signalServer(server, mode);
    if (await pollUntil(isGone, withinMs)) return removePidOfAnother(left.pid, home.dataDirectory);
  }
  throw new EmbeddedPostgresError(
    'PERSISTENCE.DATA_DIRECTORY_UNUSABLE',
    `A PostgreSQL (pid ${left.pid}) still runs on ${home.dataDirectory} and does not stop. Stop it and start again.`,
  );
}

/**
 * For a pid that is alive but is no server: another program, or a dead server that its parent has not collected yet (a
 * zombie).
 */
async function removePidOfAnother(pid: number, dataDirectory: string): Promise<void> {
  if (isAlive(pid) && (await readPostmasterPid(dataDirectory))?.pid === pid) await rm(pidFile(dataDirectory));
}

/** Whether the process is a PostgreSQL server on this data directory, and not another program that got the same pid. */
async function isServerOn(pid: number, dataDirectory: string): Promise<boolean> {
  if (platform() === 'linux') {
    // A server's working directory is its data directory. That of another user's process, or of a dead one, cannot be
    // read.
    return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === dataDirectory;
  }
  // pg_ctl sends signals through a pipe that only a PostgreSQL with this pid has, so no further check is needed.
  if (platform() === 'win32') return true;
  const ps = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return ps.stdout.includes('postgres') && ps.stdout.includes(dataDirectory);
}
