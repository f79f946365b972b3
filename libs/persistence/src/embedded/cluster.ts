import { spawn } from 'node:child_process';
import { chown, mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { type PostgresBinaries, binary } from './binaries.js';
import { EmbeddedPostgresError } from './errors.js';
import type { ClusterHome } from './home.js';
import { SUPERUSER, createPassword, passwordFile, readPassword } from './password.js';

/**
 * Makes sure that the home contains a complete cluster, and returns the superuser's password. A new cluster is created
 * in a temporary directory and renamed when it is complete and on disk, so after a kill at any moment there is either
 * no cluster or a complete one. The caller must hold the directory's lock.
 */
export async function ensureCluster(home: ClusterHome, binaries: PostgresBinaries): Promise<string> {
  const version = await readFile(join(home.dataDirectory, 'PG_VERSION'), 'utf8').catch(ignoreMissing);
  if (version === undefined) return createCluster(home, binaries);

  const major = binaries.version.split('.')[0];
  if (version.trim() !== major) {
    throw unusable(home, `was written by PostgreSQL ${version.trim()}, and this is PostgreSQL ${major}`);
  }
  const password = await readPassword(home.directory);
  if (password === undefined) throw unusable(home, `no longer has its password file ${passwordFile(home.directory)}`);
  return password;
}

async function createCluster(home: ClusterHome, binaries: PostgresBinaries): Promise<string> {
  await removeHalfMade(home.directory);
  // Written before the cluster: a cluster whose password is lost could not be used.
  const password = (await readPassword(home.directory)) ?? (await createPassword(home.directory, home.runAs));
  const temporary = join(home.directory, `postgres.init-${process.pid}-${Date.now()}`);
  await mkdir(temporary, { mode: 0o700 });
  if (home.runAs) await chown(temporary, home.runAs.uid, home.runAs.gid);
  try {
    await initdb(home, binaries, temporary);
    await rename(temporary, home.dataDirectory);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  await syncDirectory(home.directory);
  return password;
}

/** Sorts by code point and maps case by Unicode, in the same way on every system: this is PostgreSQL's own C.UTF-8. */
function initdb(home: ClusterHome, binaries: PostgresBinaries, target: string): Promise<void> {
  const child = spawn(
    binary(binaries, 'initdb'),
    [
      `--pgdata=${target}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile(home.directory)}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    ],
    {
      ...(home.runAs && { uid: home.runAs.uid, gid: home.runAs.gid }),
      cwd: home.directory,
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
    },
  );
  return new Promise((resolve, reject) => {
    let output = '';
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`initdb failed with ${signal ?? `code ${code}`}: ${output.trim()}`));
    });
  });
}

/**
 * The initdb of that start may still be writing there: it ends when it finds that its parent or its directory is gone.
 */
const WITH_RETRIES = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 } as const;

/** Removes the files of a start that was killed during initdb. */
async function removeHalfMade(home: string): Promise<void> {
  const left = (await readdir(home)).filter((name) => name.startsWith('postgres.init-'));
  await Promise.all(left.map((name) => rm(join(home, name), WITH_RETRIES)));
}

async function syncDirectory(directory: string): Promise<void> {
  if (platform() === 'win32') return; // Windows has no such call; its rename is journalled.
  const handle = await open(directory, 'r');
  await handle.sync().finally(() => handle.close());
}

function unusable(home: ClusterHome, why: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'PERSISTENCE.DATA_DIRECTORY_UNUSABLE',
    `The database in ${home.dataDirectory} ${why}. Restore it, or move ${home.dataDirectory} away to start empty.`,
  );
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
