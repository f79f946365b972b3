import { randomUUID } from 'node:crypto';
import { chmod, cp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { type PostgresBinaries, completeInstallation } from './binaries.js';
import { SHARED_ROOT, makeDirectory } from './home.js';
import { type RunAs, canRead } from './run-as.js';

/**
 * Returns binaries that `runAs` can execute: the installed ones if that user can reach them, otherwise a copy below
 * `sharedRoot`, which is made once per version. Safe if the process is killed in the middle, or if two processes copy
 * at once.
 */
export async function reachableBinaries(
  installed: PostgresBinaries,
  runAs: RunAs | undefined,
  log: (line: string) => void,
  sharedRoot = SHARED_ROOT,
): Promise<PostgresBinaries> {
  if (runAs === undefined || (await usable(installed.root, runAs))) return installed;
  const target = join(sharedRoot, `postgres-${installed.version}`);
  if ((await stat(target).catch(() => undefined)) === undefined) {
    log(`"${runAs.name}" cannot read ${installed.root}: copying PostgreSQL to ${target}.`);
    await makeDirectory(sharedRoot, runAs, 0);
    await copyAtomically(installed.root, target);
  }
  return { ...installed, root: target };
}

/**
 * Checks one file of each kind: an installation under a strict umask may have readable directories with unreadable
 * files, or neither readable.
 */
async function usable(root: string, runAs: RunAs): Promise<boolean> {
  const samples = ['bin/postgres', 'bin/initdb', 'share/postgresql/postgres.bki', 'lib/postgresql/plpgsql.so'];
  for (const sample of samples) {
    const file = join(root, sample);
    const exists = (await stat(file).catch(() => undefined)) !== undefined;
    // File names differ between platforms; a file that does not exist says nothing about permissions.
    if (exists ? !(await canRead(file, runAs)) : sample.startsWith('bin/')) return false;
  }
  return true;
}

async function copyAtomically(source: string, target: string): Promise<void> {
  // Pid and time would not be unique: two copies by one process can begin within the same millisecond.
  const temporary = `${target}.tmp-${randomUUID()}`;
  try {
    await cp(source, temporary, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => extname(file) !== '.a',
    });
    await completeInstallation(temporary);
    await openForAll(temporary);
    await rename(temporary, target).catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Allows all users to read all files, and to execute those that the owner can execute. */
async function openForAll(root: string): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  await chmod(root, 0o755);
  for (const entry of entries) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const executable = entry.isDirectory() || dirname(path) === join(root, 'bin') || extname(path) === '.so';
    await chmod(path, executable ? 0o755 : 0o644);
  }
}
