import type { Message } from '@seam/kernel';
import { DeliveryRejectedError, UndeliverableError } from '../publisher.js';
import { Transport, type TransportState } from '../transport.js';
import { InProcessReceiver } from './in-process-receiver.js';

/** A hook between sender and receiver: tests use it for a transport that repeats, reorders and copies messages. */
export type Delivery = (message: Message, deliver: (message: Message) => Promise<void>) => Promise<void>;

const direct: Delivery = (message, deliver) => deliver(message);

/**
 * Delivers messages between the services of one process. It is as safe as its senders' outboxes: `publish` resolves once
 * every receiver has committed the message's effect in its own store.
 */
export class InProcessBroker extends Transport {
  readonly #hosted = new Map<string, InProcessReceiver>();
  #started = false;

  /** @param services all existing services, hosted here or not: a message to any other can never be delivered */
  constructor(
    private readonly delivery: Delivery = direct,
    private readonly services?: readonly string[],
  ) {
    super();
  }

  override receiverFor(service: string): InProcessReceiver {
    let receiver = this.#hosted.get(service);
    if (receiver === undefined) this.#hosted.set(service, (receiver = new InProcessReceiver(service)));
    return receiver;
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
    const deliveries = this.#receivers(message).map((receiver) => this.delivery(message, (m) => receiver.deliver(m)));
    // Waits for the result of every receiver before it answers the sender, so that stopping waits for all of them.
    const failed = (await Promise.allSettled(deliveries)).find((delivery) => delivery.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Rejects as soon as one service will never listen: otherwise its message would seem to have no subscriber. */
  async #starting(): Promise<void> {
    const starting = [...this.#hosted.values()].map(async ({ started }) => {
      if (!(await started)) throw new DeliveryRejectedError('the process stops before it has started');
    });
    await Promise.all(starting);
    this.#started = true;
  }

  #receivers(message: Message): InProcessReceiver[] {
    if (message.target === undefined)
      return [...this.#hosted.values()].filter((receiver) => receiver.handles(message.type));
    const receiver = this.#hosted.get(message.target);
    if (receiver === undefined) {
      if (this.services?.includes(message.target) === false)
        throw new UndeliverableError(`there is no service ${message.target}`);
      throw new Error(`${message.target} is not hosted in this process`);
    }
    return [receiver];
  }
}
