import { type Message, newId } from '@seam/kernel';
import type { Engine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { RabbitTransport, type RabbitTransportOptions } from '../rabbitmq/rabbitmq-transport.js';
import { NOTED } from './transport.suite.js';

/** Transports on the test run's broker, for the services `a` and `b`; each test has its own prefix of names. */
export class RabbitRig {
  connection!: ChannelModel;
  /** For operations on queues that Seam itself never does. */
  raw!: ConfirmChannel;
  prefix = '';
  #transports: RabbitTransport[] = [];

  constructor(private readonly engine: Engine | undefined) {
    beforeAll(async () => {
      this.connection = await connect(this.url);
      this.raw = await this.connection.createConfirmChannel();
    });
    beforeEach(() => {
      this.prefix = `test-${newId().slice(-12)}`;
      this.#transports = [];
    });
    afterEach(async () => {
      await Promise.all(this.#transports.map((transport) => transport.close()));
    });
    afterAll(() => this.connection.close());
  }

  get url(): string {
    return this.engine?.url ?? '';
  }

  /** A transport that is not open yet. */
  transport(more: Partial<RabbitTransportOptions> = {}): RabbitTransport {
    const transport = new RabbitTransport({
      url: this.url,
      services: ['a', 'b'],
      subscriptions: { a: [NOTED], b: [NOTED] },
      ordered: ['a', 'b'],
      log: () => undefined,
      prefix: this.prefix,
      ...more,
    });
    this.#transports.push(transport);
    return transport;
  }

  async open(more: Partial<RabbitTransportOptions> = {}): Promise<RabbitTransport> {
    const transport = this.transport(more);
    await transport.open();
    await eventually(() => expect(transport.state()).toEqual({ status: 'up' }));
    return transport;
  }

  async inQueue(queue: string): Promise<number> {
    return (await this.raw.checkQueue(`${this.prefix}.${queue}`)).messageCount;
  }

  async published(sent: Message, on: RabbitTransport): Promise<void> {
    await eventually(() => on.publish(sent));
  }

  /** A queue's arguments, as the broker reports them. */
  async argumentsOf(queue: string): Promise<Record<string, unknown>> {
    const { username, password, origin } = new URL(this.engine?.managementUrl ?? '');
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const answer = await fetch(`${origin}/api/queues/%2F/${this.prefix}.${queue}`, { headers: { authorization } });
    return ((await answer.json()) as { arguments: Record<string, unknown> }).arguments;
  }
}
