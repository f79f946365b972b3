import { Logger } from '@nestjs/common';
import { outageIn } from '@seam/persistence';
import { afterAttempt, type Delivered } from '../../domain/delivery.js';
import { composeMail } from '../../domain/mail.js';
import type { Mailbox } from '../../ports/mailbox.js';
import type { MailSignal } from '../../ports/mail-signal.js';
import type { Due, MailQueue } from '../../ports/notifications.js';

export interface MailerOptions {
  /** The most e-mails taken at a time. */
  readonly batch?: number;
  /** How often it polls without a signal, for retries and for e-mails of other processes, ms. */
  readonly pollMs?: number;
  /** How long to wait after a signal for more e-mails, ms. */
  readonly gatherMs?: number;
}

/**
 * Sends queued e-mails in batches: one statement takes them under a lease, one stores the results. At least once: after a
 * crash between the two, they are sent again when the lease ends.
 */
export class Mailer {
  readonly #log = new Logger('Mailer');
  readonly #batch: number;
  #signalled = false;
  #stopped = false;
  #wake: () => void = () => undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly queue: MailQueue,
    private readonly mailbox: Mailbox,
    signal: MailSignal,
    private readonly options: MailerOptions = {},
  ) {
    this.#batch = options.batch ?? 200;
    signal.listen(() => {
      if (this.#signalled) return;
      this.#signalled = true;
      this.#wake();
    });
  }

  /** Begins to send. On a store that no other process uses, leases of an ended process are taken over at once. */
  async start(exclusiveStore: boolean): Promise<void> {
    if (exclusiveStore) await this.queue.adopt();
    this.#loop = this.#run();
  }

  /** Resolves when the current batch is sent and its results are stored. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#loop;
    await this.mailbox.close();
  }

  /** Sends one batch; resolves to its size. */
  async deliver(): Promise<number> {
    const due = await this.queue.claim(this.#batch);
    if (due.length > 0) await this.queue.settle(await this.#send(due));
    return due.length;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#signalled = false;
      const full = await this.deliver().then(
        (size) => size === this.#batch,
        (error: unknown) => {
          if (outageIn(error) === undefined) this.#log.warn(`the mail queue could not be processed: ${String(error)}`);
          return false;
        },
      );
      if (!full) await this.#idle();
    }
  }

  async #idle(): Promise<void> {
    if (!this.#signalled) await this.#pause(this.options.pollMs ?? 3_000);
    if (this.#signalled) await this.#pause(this.options.gatherMs ?? 100);
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #send(due: readonly Due[]): Promise<(Delivered & { id: string })[]> {
    const addressed = due.flatMap((one) => (one.recipient === undefined ? [] : [{ one, to: one.recipient }]));
    const errors = await this.#tryAll(addressed.map(({ one, to }) => composeMail(one, to)));
    const failed = new Map(addressed.map(({ one }, index) => [one.id, errors[index]]));
    const now = new Date();
    return due.map((one) => {
      const attempt = one.recipient === undefined ? 'no-recipient' : failed.get(one.id) ? 'failed' : 'sent';
      const delivered = afterAttempt(one, attempt, now);
      if (attempt === 'failed') this.#logFailure(one, delivered, failed.get(one.id));
      return { id: one.id, ...delivered };
    });
  }

  async #tryAll(mails: Parameters<Mailbox['send']>[0]): Promise<readonly (Error | undefined)[]> {
    if (mails.length === 0) return [];
    try {
      return await this.mailbox.send(mails);
    } catch (error) {
      return mails.map(() => (error instanceof Error ? error : new Error(String(error))));
    }
  }

  /** Logs only the error's code: its text contains the address. */
  #logFailure({ orderId, kind }: Due, { status, attempts }: Delivered, error: Error | undefined): void {
    const code = error !== undefined && 'code' in error ? String(error.code) : error?.name;
    const what = `${kind} of ${orderId}: attempt ${attempts} failed (${code})`;
    if (status === 'failed') this.#log.error(`${what}, given up`);
    else this.#log.warn(what);
  }
}
