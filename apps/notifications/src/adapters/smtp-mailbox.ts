import { createTransport } from 'nodemailer';
import type { Mail } from '../domain/mail.js';
import { Mailbox } from '../ports/mailbox.js';

const FROM = 'Seam <shop@seam.local>';
const TIMEOUT_MS = 10_000;

/** Over SMTP, on a few connections kept open. */
export class SmtpMailbox extends Mailbox {
  readonly #transport;

  constructor(url: string) {
    super();
    this.#transport = createTransport(
      {
        url,
        pool: true,
        maxConnections: 5,
        connectionTimeout: TIMEOUT_MS,
        greetingTimeout: TIMEOUT_MS,
        socketTimeout: TIMEOUT_MS,
      },
      { from: FROM },
    );
  }

  async send(mails: readonly Mail[]): Promise<readonly (Error | undefined)[]> {
    const results = await Promise.allSettled(mails.map((mail) => this.#transport.sendMail({ ...mail })));
    return results.map((result) => (result.status === 'rejected' ? (result.reason as Error) : undefined));
  }

  close(): Promise<void> {
    this.#transport.close();
    return Promise.resolve();
  }
}
