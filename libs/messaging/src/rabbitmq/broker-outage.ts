import { Logger } from '@nestjs/common';

/** Logs the broker's outages for all connections of a process: one line when one begins, one when it ends. */
export class BrokerOutage {
  readonly #log = new Logger('RabbitMQ');
  readonly #lost = new Set<string>();
  #since = 0;
  #tries = 0;

  lost(purpose: string, reason: string): void {
    if (this.#lost.has(purpose)) this.#tries += 1;
    if (this.#lost.size === 0) {
      [this.#since, this.#tries] = [Date.now(), 0];
      this.#log.warn(`${reason}, trying again; messages wait in the outboxes`);
    }
    this.#lost.add(purpose);
  }

  connected(purpose: string): void {
    if (!this.#lost.delete(purpose)) return this.#log.debug(`connected, ${purpose}`);
    if (this.#lost.size > 0) return;
    const seconds = ((Date.now() - this.#since) / 1_000).toFixed(1);
    this.#log.log(`connected after ${seconds} s and ${this.#tries} tries`);
  }
}
