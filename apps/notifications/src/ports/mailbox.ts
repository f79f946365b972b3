import type { Mail } from '../domain/mail.js';

/** The way out for e-mails. */
export abstract class Mailbox {
  /** Sends each; resolves to what went wrong with each, in their order: `undefined` where it was taken. */
  abstract send(mails: readonly Mail[]): Promise<readonly (Error | undefined)[]>;

  abstract close(): Promise<void>;
}
