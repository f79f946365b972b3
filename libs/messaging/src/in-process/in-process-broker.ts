import type { Message } from '@seam/kernel';
import { DeliveryRejectedError } from '../publisher.js';
import { UndeliverableError } from '../publisher.js';
import { Transport, type TransportState } from '../transport.js';
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
  #started = false;

  /** @param services every service that there is, hosted here or not: what is for any other can never be delivered */
  constructor(
    private readonly delivery: Delivery = direct,
    private readonly services?: readonly string[],
  ) {
    super();
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
    if (!this.#started) await this.#starting();
    const deliveries = this.#receivers(message).map((server) => this.delivery(message, (m) => server.deliver(m)));
    // Every receiver has ended with it, one way or the other, before its sender hears of it: stopping waits for all.
    const failed = (await Promise.allSettled(deliveries)).find((delivery) => delivery.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Rejects as soon as one service will never listen: a message must not pass for one that nobody wants. */
  async #starting(): Promise<void> {
    const starting = [...this.#servers.values()].map(async ({ started }) => {
      if (!(await started)) throw new DeliveryRejectedError('the process stops before it has started');
    });
    await Promise.all(starting);
    this.#started = true;
  }

  #receivers(message: Message): InProcessServer[] {
    if (message.target === undefined)
      return [...this.#servers.values()].filter((server) => server.handles(message.type));
    const server = this.#servers.get(message.target);
    if (server === undefined) {
      if (this.services?.includes(message.target) === false)
        throw new UndeliverableError(`there is no service ${message.target}`);
      throw new Error(`${message.target} is not hosted in this process`);
    }
    return [server];
  }
}
