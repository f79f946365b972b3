import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileMailbox } from './file-mailbox.js';

describe('the mailbox of a file', () => {
  it('appends one readable line per e-mail, for its owner only', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'seam-mail-'));
    try {
      const path = join(directory, 'new', 'mail.log');
      const mailbox = new FileMailbox(path);
      const mail = { to: 'ada@example.com', subject: 'Hello', text: 'two\nlines' };
      expect(await mailbox.send([mail, { ...mail, to: 'eve@example.com' }])).toEqual([undefined, undefined]);
      await mailbox.send([mail]);
      const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line) as object)).toEqual(
        ['ada', 'eve', 'ada'].map((who) => ({ at: expect.any(String), ...mail, to: `${who}@example.com` })),
      );
      expect((await stat(path)).mode & 0o077).toBe(0);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
