import { createDirectory } from '@seam/persistence';
import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Mail } from '../domain/mail.js';
import { Mailbox } from '../ports/mailbox.js';

/** For development: appends each e-mail to a file, as one line of JSON. */
export class FileMailbox extends Mailbox {
  constructor(private readonly path: string) {
    super();
  }

  async send(mails: readonly Mail[]): Promise<readonly (Error | undefined)[]> {
    const at = new Date().toISOString();
    const lines = mails.map(({ to, subject, text }) => `${JSON.stringify({ at, to, subject, text })}\n`);
    await createDirectory(dirname(this.path));
    await appendFile(this.path, lines.join(''), { mode: 0o600 });
    return mails.map(() => undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
