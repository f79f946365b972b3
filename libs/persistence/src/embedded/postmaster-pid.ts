import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The data that a server writes about itself into its data directory. */
export interface PostmasterPid {
  readonly pid: number;
  readonly ready: boolean;
}

/** `undefined` if there is no such file, or the server has not finished writing it. */
export async function readPostmasterPid(dataDirectory: string): Promise<PostmasterPid | undefined> {
  const text = await readFile(pidFile(dataDirectory), 'utf8').catch(() => '');
  return parsePostmasterPid(text);
}

export const pidFile = (dataDirectory: string): string => join(dataDirectory, 'postmaster.pid');

/** Line 1 is the pid, line 8 the state (PostgreSQL: src/include/utils/pidfile.h). */
export function parsePostmasterPid(text: string): PostmasterPid | undefined {
  const lines = text.split('\n');
  const pid = Number.parseInt(lines[0] ?? '', 10);
  return Number.isInteger(pid) && pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
}
