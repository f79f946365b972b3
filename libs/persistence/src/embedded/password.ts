import { randomBytes } from 'node:crypto';
import { chown, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunAs } from './run-as.js';

export const SUPERUSER = 'seam';

/** The superuser's password of a home, readable by its owner only; `undefined` if none is stored yet. */
export async function readPassword(home: string): Promise<string | undefined> {
  try {
    const text = (await readFile(passwordFile(home), 'utf8')).trim();
    return text === '' ? undefined : text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Stores a new random password (192 bits, URL-safe), either completely or not at all. It is on disk when this returns.
 */
export async function createPassword(home: string, runAs: RunAs | undefined): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  const temporary = `${passwordFile(home)}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(`${password}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  if (runAs) await chown(temporary, runAs.uid, runAs.gid);
  await rename(temporary, passwordFile(home));
  return password;
}

/** Absolute path; initdb reads the password from this file. */
export const passwordFile = (home: string): string => join(home, 'postgres.password');
