import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDirectory } from './create-directory.js';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'seam-directory-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

it('creates what is missing, returns the first missing directory, and does not change existing ones', async () => {
  expect(await createDirectory(join(base, 'a', 'b', 'c'))).toBe(join(base, 'a'));
  expect((await stat(join(base, 'a', 'b', 'c'))).isDirectory()).toBe(true);
  expect(await createDirectory(join(base, 'a', 'b', 'd'))).toBe(join(base, 'a', 'b', 'd'));
  expect(await createDirectory(join(base, 'a'))).toBeUndefined();
});

it('may be called concurrently', async () => {
  await Promise.all(Array.from({ length: 20 }, () => createDirectory(join(base, 'x', 'y', 'z'))));
  expect((await stat(join(base, 'x', 'y', 'z'))).isDirectory()).toBe(true);
});

it('fails below a file, and if a file has this name', async () => {
  await writeFile(join(base, 'file'), '');
  await expect(createDirectory(join(base, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  await expect(createDirectory(join(base, 'file'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

(process.platform === 'linux' ? it : it.skip)('fails where the system will have no directory', async () => {
  await expect(createDirectory('/proc/no-such-place/below')).rejects.toMatchObject({ code: 'ENOENT' });
});
