import type { Message } from '@seam/kernel';
import { lastValueFrom } from 'rxjs';
import { Transport, type TransportState } from '../transport.js';
import { InProcessClient } from './in-process-client.js';
import { InProcessServer } from './in-process-server.js';

/** What stands between sender and receiver: tests put a transport there that repeats, reorders and copies. */
export type Delivery = (message: Message, deliver: (message: Message) => Promise<void>) => Promise<void>;

const direct: Delivery = (message, deliver) => deliver(message);

/**
 * Carries messages between the services of one process. As safe as its senders' outboxes: `publish` resolves once every
 * receiver has the message's effect in its own store.
 */
export class InProcessBroker extends Transport {
  readonly #servers = new Map<string, InProcessServer>();
  readonly #client: InProcessClient;
  #started = false;

  constructor(private readonly delivery: Delivery = direct) {
    super();
    this.#client = new InProcessClient((message) => this.#route(message));
  }

  override receiverFor(service: string): InProcessServer {
    let server = this.#servers.get(service);
    if (server === undefined) this.#servers.set(service, (server = new InProcessServer(service)));
    return server;
  }

  override open(): Promise<void> {
    return Promise.resolve();
  }

  override state(): TransportState {
    return { status: 'up' };
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }

  override async publish(message: Message): Promise<void> {
    await lastValueFrom(this.#client.emit(message.type, message), { defaultValue: undefined });
  }

  async #route(message: Message): Promise<void> {
    if (!this.#started) await this.#starting();
    const deliveries = this.#receivers(message).map((server) => this.delivery(message, (m) => server.deliver(m)));
    // Every receiver has ended with it, one way or the other, before its sender hears of it: stopping waits for all.
    const failed = (await Promise.allSettled(deliveries)).find((delivery) => delivery.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #starting(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.started));
    this.#started = true;
  }

  #receivers(message: Message): InProcessServer[] {
    if (message.target === undefined)
      return [...this.#servers.values()].filter((server) => server.handles(message.type));
    const server = this.#servers.get(message.target);
    if (server === undefined) throw new Error(`${message.target} is not hosted in this process`);
    return [server];
  }
}
