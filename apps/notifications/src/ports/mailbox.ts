import type { Mail } from '../domain/mail.js';

/** Sends e-mails. */
export abstract class Mailbox {
  /** Sends each; resolves to the error of each, in their order: `undefined` if it was accepted. */
  abstract send(mails: readonly Mail[]): Promise<readonly (Error | undefined)[]>;

  abstract close(): Promise<void>;
}
