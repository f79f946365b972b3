import { randomUUID } from 'node:crypto';
import { chmod, cp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { type PostgresBinaries, completeInstallation } from './binaries.js';
import { SHARED_ROOT, makeDirectory } from './home.js';
import { type RunAs, canRead } from './run-as.js';

/**
 * Gives binaries that `runAs` can execute: the installed ones where that user can reach them, else a copy below
 * `sharedRoot`, made once per version. Safe against a kill in the middle and against two processes copying at once.
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

/** Samples one file of each kind: an install under a strict umask leaves directories open and files closed, or both. */
async function usable(root: string, runAs: RunAs): Promise<boolean> {
  const samples = ['bin/postgres', 'bin/initdb', 'share/postgresql/postgres.bki', 'lib/postgresql/plpgsql.so'];
  for (const sample of samples) {
    const file = join(root, sample);
    const exists = (await stat(file).catch(() => undefined)) !== undefined;
    // Names differ between platforms; a file that is not there says nothing about permissions.
    if (exists ? !(await canRead(file, runAs)) : sample.startsWith('bin/')) return false;
  }
  return true;
}

async function copyAtomically(source: string, target: string): Promise<void> {
  // Not the pid and the time: two copies of one process begin within the same millisecond.
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

/** Lets everyone read all files and execute what the owner can. */
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
