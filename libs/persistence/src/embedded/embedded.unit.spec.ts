import { locateBinaries } from './binaries.js';
import { DataDirectoryInUseError, explain } from './errors.js';
import { parsePostmasterPid } from './postmaster-pid.js';
import { parseAccounts } from './run-as.js';
import { postgresArguments } from './settings.js';

describe('explain', () => {
  const fault = (code: string): Error => Object.assign(new Error(`${code}: failed`), { code });

  it.each([
    [fault('ENOSPC'), 'PERSISTENCE.DISK_FULL', /No space left.*\/data.*SEAM_DATA/],
    [new Error('could not extend file: No space left on device'), 'PERSISTENCE.DISK_FULL', /Free some space/],
    [new Error('could not extend file: wrote only 4096 of 8192 bytes'), 'PERSISTENCE.DISK_FULL', /SEAM_DATA/],
    [fault('EACCES'), 'PERSISTENCE.NO_PERMISSION', /permission.*\/data.*DATABASE_URL/],
    [fault('EROFS'), 'PERSISTENCE.NO_PERMISSION', /Make it writable/],
    [fault('ENOTDIR'), 'PERSISTENCE.DATA_DIRECTORY_UNUSABLE', /\/data cannot be created.*SEAM_DATA/],
    [Object.assign(fault('ENOENT'), { syscall: 'mkdir' }), 'PERSISTENCE.DATA_DIRECTORY_UNUSABLE', /SEAM_DATA/],
    [new Error('could not look up effective user ID 7'), 'PERSISTENCE.NO_PERMISSION', /etc\/passwd.*DATABASE_URL/],
    [new Error('no idea'), 'PERSISTENCE.SERVER_FAILED', /no idea/],
  ])('says what to do about %s', (error, code, message) => {
    const explained = explain(error, '/data');
    expect(explained).toMatchObject({ code, cause: error });
    expect(explained.message).toMatch(message);
  });

  it('returns our own errors unchanged', () => {
    const error = new DataDirectoryInUseError('/data', undefined);
    expect(explain(error, '/elsewhere')).toBe(error);
  });
});

it('asks for DATABASE_URL if there are no binaries for the platform', async () => {
  await expect(locateBinaries('sunos-x64')).rejects.toThrow(/no embedded PostgreSQL for sunos-x64.*DATABASE_URL/);
});

it('reads a pid file, even one that is not completely written', () => {
  const lines = ['4711', '/data', '1700000000', '5432', '', '127.0.0.1', '  1 2', 'ready   ', ''];
  expect(parsePostmasterPid(lines.join('\n'))).toEqual({ pid: 4711, ready: true });
  expect(parsePostmasterPid(lines.slice(0, 6).join('\n'))).toEqual({ pid: 4711, ready: false });
  expect(parsePostmasterPid('')).toBeUndefined();
  expect(parsePostmasterPid('-12\n')).toBeUndefined();
});

it('reads accounts, and skips malformed lines', () => {
  expect(parseAccounts('root:x:0:0:root:/root:/bin/sh\n# note\n\nbroken:x::\nnobody:*:-2:-2::/:')).toEqual([
    { name: 'root', uid: 0, gid: 0 },
    { name: 'nobody', uid: -2, gid: -2 },
  ]);
});

it('never trades durability for speed', () => {
  const flags = postgresArguments('/data', 5432);
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) expect(flags).toContain(`${name}=on`);
});
