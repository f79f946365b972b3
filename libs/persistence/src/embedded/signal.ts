import { execFile } from 'node:child_process';
import { platform } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type PostgresBinaries, binary } from './binaries.js';

/**
 * How to end a server. `fast`: ends sessions, rolls back, writes a checkpoint. `immediate`: no checkpoint, so the next
 * start recovers from the log. `kill`: the operating system ends it. None of them loses committed data.
 */
export type StopMode = 'fast' | 'immediate' | 'kill';

export interface ServerHandle {
  readonly pid: number;
  readonly dataDirectory: string;
  readonly binaries: PostgresBinaries;
}

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const;

/** Asks a server to end, without waiting for it. If the server is already gone, this does nothing. */
export async function signalServer(server: ServerHandle, mode: StopMode): Promise<void> {
  if (platform() === 'win32' && mode !== 'kill') {
    // Windows has no signals; pg_ctl implements PostgreSQL's replacement for them.
    const args = ['stop', '-D', server.dataDirectory, '-m', mode, '-W'];
    await promisify(execFile)(binary(server.binaries, 'pg_ctl'), args, { windowsHide: true }).catch(() => undefined);
    return;
  }
  try {
    process.kill(server.pid, SIGNALS[mode]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Polls every 5 ms. Resolves with whether the condition became true within `waitMs`. */
export async function pollUntil(condition: () => boolean | Promise<boolean>, waitMs: number): Promise<boolean> {
  const end = performance.now() + waitMs;
  while (!(await condition())) {
    if (performance.now() > end) return false;
    await delay(5);
  }
  return true;
}
