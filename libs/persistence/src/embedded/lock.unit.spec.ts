import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirectoryInUseError } from './errors.js';
import { lockAddress, lockDirectory } from './lock.js';

describe('lockDirectory', () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'seam-lock-'))));
  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** The kind of lock of this system, and the socket file for systems that have no other kind. */
  const addresses = {
    'the system’s kind of lock': () => lockAddress(directory),
    ...(process.platform === 'win32' ? {} : { 'a socket file': () => join(directory, 'lock.sock') }),
  };

  describe.each(Object.entries(addresses))('with %s', (_name, address) => {
    it('gives the lock to one of many, names its holder to the others, and can be taken again', async () => {
      const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map(() => lockDirectory(directory, address())));
      const won = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const lost = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      expect(won).toHaveLength(1);
      expect(lost).toEqual(lost.map(() => new DataDirectoryInUseError(directory, process.pid)));
      await won[0]?.release();
      await (await lockDirectory(directory, address())).release();
    });

    it('is released when its owner is killed', async () => {
      const owner = `require('node:net').createServer().listen(${JSON.stringify(address())}, () => process.kill(process.pid, 'SIGKILL'))`;
      expect(spawnSync(process.execPath, ['-e', owner]).signal).toBe('SIGKILL');
      await (await lockDirectory(directory, address())).release();
      expect(await readdir(directory)).toEqual([]);
    });
  });

  it('uses a separate address for each directory, short enough for any system', () => {
    const long = `/${'deep/'.repeat(100)}`;
    expect(lockAddress('/a', 'linux')).not.toBe(lockAddress('/b', 'linux'));
    for (const system of ['linux', 'darwin', 'win32']) expect(lockAddress(long, system).length).toBeLessThan(104);
    expect(lockAddress('C:\\Seam', 'win32')).toBe(lockAddress('c:\\seam', 'win32'));
  });
});
