import { jest } from '@jest/globals';
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completeInstallation } from './binaries.js';
import { prepareHome } from './home.js';
import { reachableBinaries } from './relocate.js';

jest.setTimeout(60_000);

const isRoot = process.getuid?.() === 0;
const ORDINARY_UID = 65_534;

/** Only root can switch to another user, so other users have no choice to test. */
(isRoot ? describe : describe.skip)('as root', () => {
  let base: string;
  let lines: string[];
  const log = (line: string): void => void lines.push(line);
  const prepare = () => prepareHome(join(base, 'clone', '.seam'), log, join(base, 'shared'));

  beforeEach(async () => {
    lines = [];
    base = await mkdtemp(join(tmpdir(), 'seam-home-'));
    await chmod(base, 0o755);
    await mkdir(join(base, 'clone'));
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  it('uses the directory itself if the other user can enter it', async () => {
    const home = await prepare();
    expect(home).toMatchObject({ directory: join(base, 'clone', '.seam'), asked: join(base, 'clone', '.seam') });
    expect(home.runAs?.uid).toBeGreaterThan(0);
    expect(lines).toEqual([]);
  });

  it('uses another place instead of a private directory, reports it, and keeps using it', async () => {
    await chmod(join(base, 'clone'), 0o700);
    const home = await prepare();
    expect(home.directory).toMatch(new RegExp(`^${base}/shared/data-[0-9a-f]{16}$`));
    expect(lines.join()).toContain(home.dataDirectory);
    expect(await readFile(join(base, 'clone', '.seam', 'postgres.location'), 'utf8')).toBe(`${home.dataDirectory}\n`);

    await mkdir(home.dataDirectory);
    await chmod(join(base, 'clone'), 0o755);
    expect(await prepare()).toEqual(home);
  });

  it('does not start with an empty cluster if existing data has become unreachable', async () => {
    const home = await prepare();
    await mkdir(home.dataDirectory);
    await chown(home.dataDirectory, home.runAs?.uid ?? 0, home.runAs?.gid ?? 0);
    await chmod(join(base, 'clone'), 0o700);
    await expect(prepare()).rejects.toMatchObject({ code: 'PERSISTENCE.NO_PERMISSION' });
  });

  it('runs as the owner of a directory that belongs to a user, even a private one', async () => {
    await chown(join(base, 'clone'), ORDINARY_UID, ORDINARY_UID);
    await chmod(join(base, 'clone'), 0o700);
    const home = await prepare();
    expect(home.runAs?.uid).toBe(ORDINARY_UID);
    expect(home.directory).toBe(join(base, 'clone', '.seam'));
    expect((await stat(home.directory)).uid).toBe(ORDINARY_UID);
  });

  it('copies binaries that the user cannot read, once, including their links', async () => {
    const root = join(base, 'clone', 'native');
    for (const folder of ['bin', 'lib']) await mkdir(join(root, folder), { recursive: true });
    for (const name of ['bin/postgres', 'bin/initdb', 'bin/pg_ctl', 'lib/libpq.so.5.18', 'lib/libpq.a']) {
      await writeFile(join(root, name), name, { mode: 0o600 });
    }
    await symlink('libpq.so.5.18', join(root, 'lib', 'libpq.so.5'));
    const { runAs } = await prepare();
    const copies = await Promise.all(
      [1, 2].map(() => reachableBinaries({ root, version: '18.4' }, runAs, log, join(base, 'shared'))),
    );
    expect(copies.map((copy) => copy.root)).toEqual(Array(2).fill(join(base, 'shared', 'postgres-18.4')));
    expect(await readdir(join(base, 'shared'))).toEqual(['postgres-18.4']);
    const copy = join(base, 'shared', 'postgres-18.4');
    expect((await readdir(join(copy, 'lib'))).sort()).toEqual(['libpq.so.5', 'libpq.so.5.18']);
    expect((await stat(join(copy, 'bin', 'postgres'))).mode & 0o777).toBe(0o755);
    expect((await stat(join(copy, 'lib', 'libpq.so.5'))).mode & 0o777).toBe(0o644);
  });
});

it('completes an installation that ran without its scripts', async () => {
  const base = await mkdtemp(join(tmpdir(), 'seam-install-'));
  const root = join(base, 'native');
  for (const folder of ['bin', 'lib']) await mkdir(join(root, folder), { recursive: true });
  for (const name of ['initdb', 'postgres', 'pg_ctl']) await writeFile(join(root, 'bin', name), '', { mode: 0o644 });
  await writeFile(join(root, 'lib', 'libpq.so.5.18'), 'library');
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  await writeFile(join(root, 'pg-symlinks.json'), JSON.stringify(links));
  await completeInstallation(root);
  await completeInstallation(root);
  expect(await readFile(join(root, 'lib', 'libpq.so.5'), 'utf8')).toBe('library');
  if (process.platform !== 'win32') expect((await stat(join(root, 'bin', 'postgres'))).mode & 0o111).toBe(0o111);
  await rm(base, { recursive: true });
});
