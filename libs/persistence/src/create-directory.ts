import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Creates a directory with its parents, and gives the first that was missing. Node's own way tries for ever where the
 * system will not have a directory, and says so as if its parent were missing: below /proc, for one.
 */
export async function createDirectory(path: string): Promise<string | undefined> {
  const missing: string[] = [];
  for (let at = resolve(path); !(await isThere(at)); at = dirname(at)) missing.unshift(at);
  for (const directory of missing) {
    await mkdir(directory).catch((error: unknown) => {
      // Somebody else was first.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
  return missing[0];
}

async function isThere(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  throw Object.assign(new Error(`ENOTDIR: ${path} is not a directory`), { code: 'ENOTDIR' });
}
