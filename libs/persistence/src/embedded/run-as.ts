import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EmbeddedPostgresError } from './errors.js';

/** The user that PostgreSQL runs as; `undefined` means the user of this process. */
export interface RunAs {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The accounts of a passwd file (`name:password:uid:gid:…` per line); malformed lines are skipped. */
export function parseAccounts(passwd: string): RunAs[] {
  return passwd.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid && /^-?\d+$/.test(uid) && /^-?\d+$/.test(gid)
      ? [{ name, uid: Number(uid), gid: Number(gid) }]
      : [];
  });
}

/**
 * PostgreSQL refuses to run as root. If this process is root, PostgreSQL runs as the owner of the data or of the
 * nearest existing directory (`owner`, so that the same user can start Seam later without root), otherwise as
 * `postgres`, otherwise as `nobody`. The account must be listed in /etc/passwd, because initdb looks up its name.
 * Returns `undefined` if this process is not root.
 */
export async function chooseRunAs(owner: number): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = parseAccounts(await readFile('/etc/passwd', 'utf8').catch(() => ''));
  const found =
    (owner === 0 ? undefined : accounts.find((account) => account.uid === owner)) ??
    accounts.find((account) => account.name === 'postgres') ??
    accounts.find((account) => account.name === 'nobody');
  if (found) return found;
  throw new EmbeddedPostgresError(
    'PERSISTENCE.NO_PERMISSION',
    'PostgreSQL does not run as root, and there is neither a "postgres" nor a "nobody" user to run it as. ' +
      'Start Seam as an ordinary user, or set DATABASE_URL to a PostgreSQL server of your own.',
  );
}

/**
 * Whether the user may enter `directory` and every directory above it, according to the permission bits. Access control
 * lists are not read: the result may be false although access is allowed by such a list.
 */
export async function canEnter(directory: string, user: RunAs): Promise<boolean> {
  for (let at = directory; ; at = dirname(at)) {
    const info = await stat(at);
    if (!allows(info, user, 0o1)) return false;
    if (at === dirname(at)) return true;
  }
}

/** Whether the user may read a file and enter all directories above it. */
export async function canRead(file: string, user: RunAs): Promise<boolean> {
  const info = await stat(file).catch(() => undefined);
  return info !== undefined && allows(info, user, 0o4) && (await canEnter(dirname(file), user));
}

function allows(info: { mode: number; uid: number; gid: number }, user: RunAs, bit: number): boolean {
  const shift = info.uid === user.uid ? 6 : info.gid === user.gid ? 3 : 0;
  return ((info.mode >> shift) & bit) !== 0;
}
