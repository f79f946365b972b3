import { type Message, newId } from '@seam/kernel';
import { Transport, type TransportState } from '../transport.js';
import type { SendingWindow } from '../publisher.js';
import { BrokerConnection } from './broker-connection.js';
import { BrokerOutage } from './broker-outage.js';
import { checkBroker } from './check-broker.js';
import { RabbitClient } from './rabbitmq-client.js';
import { RabbitServer } from './rabbitmq-server.js';
import type { Topology } from './topology.js';

export interface RabbitTransportOptions extends Omit<Topology, 'prefix' | 'ordered' | 'unhostedLimit'> {
  /** Services that get messages with a key. */
  readonly ordered?: readonly string[];
  /** `amqp://user:password@host:5672/vhost` */
  readonly url: string;
  readonly log: (line: string) => void;
  /** Prefix of the names of all queues and exchanges. */
  readonly prefix?: string;
  readonly prefetch?: number;
  /** How many broker messages, each a bundle, may wait for a service that was never hosted. Default 10,000. */
  readonly unhostedLimit?: number;
}

/** With messages of 1 KiB, sent separately, 10 MiB of the broker's disk. */
const UNHOSTED_LIMIT = 10_000;

/** How much a service sends at a time: enough to keep a broker busy, with little memory. */
const WINDOW: SendingWindow = { messages: 2_000, bytes: 4 * 1024 * 1024 };

/**
 * Carries messages between processes over RabbitMQ: a quorum queue per service, one topic exchange for events, confirmed
 * publishing and acknowledgement after the commit. Delivery is at least once; the order is guaranteed for
 * messages with a key, which have queues of their own. While the broker
 * does not answer, at the start or later, messages stay in the outboxes.
 */
export class RabbitTransport extends Transport {
  readonly #topology: Topology;
  readonly #process = newId();
  readonly #servers = new Map<string, RabbitServer>();
  #publishing: BrokerConnection | undefined;
  #consuming: BrokerConnection | undefined;
  #client: RabbitClient | undefined;

  constructor(private readonly options: RabbitTransportOptions) {
    super();
    const { services, subscriptions, ordered = [], prefix = 'seam', unhostedLimit = UNHOSTED_LIMIT } = options;
    this.#topology = { services, subscriptions, ordered, prefix, unhostedLimit };
  }

  override async open(): Promise<void> {
    const { url } = this.options;
    await checkBroker({ ...this.options, topology: this.#topology });
    const outage = new BrokerOutage();
    this.#publishing = new BrokerConnection(url, 'publishing', outage);
    this.#consuming = new BrokerConnection(url, 'consuming', outage);
    this.#client = new RabbitClient(this.#publishing, this.#topology);
  }

  override receiverFor(service: string): RabbitServer {
    let server = this.#servers.get(service);
    if (server === undefined) {
      const [broker, client] = [this.#opened(this.#consuming), this.#opened(this.#client)];
      server = new RabbitServer({
        service,
        broker,
        client,
        topology: this.#topology,
        prefetch: this.options.prefetch ?? 64,
        process: this.#process,
      });
      this.#servers.set(service, server);
    }
    return server;
  }

  override publish(message: Message): Promise<void> {
    return this.#opened(this.#client).dispatch(message);
  }

  override state(): TransportState {
    const unavailableReason =
      this.#client?.unavailableReason ??
      this.#consuming?.unavailableReason ??
      this.#client?.parked ??
      this.#client?.full;
    if (unavailableReason !== undefined) return { status: 'degraded', reason: unavailableReason };
    return { status: 'up' };
  }

  override ready(): boolean {
    return this.#client?.unavailableReason === undefined;
  }

  override get window(): SendingWindow {
    return WINDOW;
  }

  override get unhosted(): ReadonlyMap<string, number> {
    return this.#client?.unhosted ?? super.unhosted;
  }

  override get unhostedLimit(): number {
    return this.#topology.unhostedLimit;
  }

  override get unroutable(): number {
    return this.#client?.unroutable ?? 0;
  }

  override async close(): Promise<void> {
    await Promise.all([this.#client?.close(), this.#publishing?.close(), this.#consuming?.close()]);
  }

  #opened<T>(part: T | undefined): T {
    if (part === undefined) throw new Error('the transport is not open');
    return part;
  }
}
