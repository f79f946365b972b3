import type { Message } from '@seam/kernel';
import { DeliveryRejectedError } from '../publisher.js';
import { UndeliverableError } from '../publisher.js';
import { Transport, type TransportState } from '../transport.js';
import { InProcessServer } from './in-process-server.js';

/** A hook between sender and receiver: tests use it for a transport that repeats, reorders and copies messages. */
export type Delivery = (message: Message, deliver: (message: Message) => Promise<void>) => Promise<void>;

const direct: Delivery = (message, deliver) => deliver(message);

/**
 * Delivers messages between the services of one process. It is as safe as its senders' outboxes: `publish` resolves once
 * every receiver has committed the message's effect in its own store.
 */
export class InProcessBroker extends Transport {
  readonly #servers = new Map<string, InProcessServer>();
  #started = false;

  /** @param services all existing services, hosted here or not: a message to any other can never be delivered */
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
    // Waits for the result of every receiver before it tells the sender, so that stopping waits for all of them.
    const failed = (await Promise.allSettled(deliveries)).find((delivery) => delivery.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Rejects as soon as one service will never listen: otherwise its message would seem to have no subscriber. */
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
