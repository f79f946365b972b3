import { createHash } from 'node:crypto';
import { chmod, chown, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createDirectory } from '../create-directory.js';
import { EmbeddedPostgresError } from './errors.js';
import { canEnter, chooseRunAs, type RunAs } from './run-as.js';

/** The location of a cluster, and the user that its server runs as. */
export interface ClusterHome {
  /** Real path of the requested directory; used by the lock and in messages. */
  readonly asked: string;
  /**
   * Real path, which may be the requested directory or another one; contains the data directory, the password and the
   * server's log.
   */
  readonly directory: string;
  readonly dataDirectory: string;
  readonly runAs: RunAs | undefined;
}

/**
 * The directory for binaries and data in places that PostgreSQL's user could not reach; world readable down to the
 * data.
 */
export const SHARED_ROOT = '/var/lib/seam';

/**
 * Chooses and creates the home for `directory`. It is that directory itself, except if this process runs as root and
 * PostgreSQL's user cannot enter it (such as a clone in /root): then it is a directory below `sharedRoot`, named by the
 * hash of `directory`. Existing data is never ignored in favour of an empty cluster: it is used where it is, or the
 * start fails and says why.
 */
export async function prepareHome(
  directory: string,
  log: (line: string) => void,
  sharedRoot = SHARED_ROOT,
): Promise<ClusterHome> {
  const owner = await ownerOf(directory);
  const first = await chooseRunAs(owner);
  await makeDirectory(directory, first, owner);
  const home = await realpath(directory);
  const data = await stat(dataIn(home)).catch(() => undefined);
  const runAs = data === undefined ? first : await chooseRunAs(data.uid);
  const inPlace = { asked: home, directory: home, dataDirectory: dataIn(home), runAs };
  if (runAs === undefined) return inPlace;

  const moved = join(sharedRoot, `data-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`);
  const reachable = await canEnter(home, runAs);
  if (data !== undefined && !reachable) throw unreachable(home, runAs);
  const hasMoved = (await stat(dataIn(moved)).catch(() => undefined)) !== undefined;
  if (reachable && (data !== undefined || !hasMoved)) return inPlace;

  log(
    `PostgreSQL does not run as root; it runs as "${runAs.name}", who cannot enter ${home}. ` +
      `The data is in ${dataIn(moved)} instead.`,
  );
  await makeDirectory(moved, runAs, 0);
  await writeFile(join(home, 'postgres.location'), `${dataIn(moved)}\n`);
  return { asked: home, directory: moved, dataDirectory: dataIn(moved), runAs };
}

const dataIn = (home: string): string => join(home, 'postgres');

/** Creates a directory with its parents. When created by root, all users can enter it, whatever the umask is. */
export async function makeDirectory(directory: string, runAs: RunAs | undefined, owner: number): Promise<void> {
  const first = await createDirectory(directory);
  if (first === undefined || runAs === undefined) return;
  for (let at = resolve(directory); at.length >= first.length; at = dirname(at)) {
    await chmod(at, 0o755);
    // A new directory inside a user's own directory belongs to that user, who can then start Seam later without root.
    if (owner === runAs.uid) await chown(at, runAs.uid, runAs.gid);
  }
}

/** Owner of a path, or of its nearest parent directory that exists. */
async function ownerOf(path: string): Promise<number> {
  for (let at = resolve(path); ; at = dirname(at)) {
    const info = await stat(at).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
    if (info) return info.uid;
  }
}

function unreachable(home: string, runAs: RunAs): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'PERSISTENCE.NO_PERMISSION',
    `The database in ${home} belongs to "${runAs.name}", who can no longer enter that directory. ` +
      'Let that user enter it and the directories above it (chmod o+x), or start Seam as that user.',
  );
}
