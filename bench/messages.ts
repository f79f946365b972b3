import { Controller, Logger, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  Ctx,
  MessagePattern,
  Payload,
  RmqContext,
  type RmqOptions,
  RmqRecordBuilder,
  Transport as NestTransport,
} from '@nestjs/microservices';
import { type Message, newId } from '@seam/kernel';
import { type Cause, Committer, Consumer, type Work, work } from '@seam/messaging';
import { RabbitTransport } from '@seam/messaging/rabbitmq';
import { eventually } from '@seam/testing';
import { type Channel, connect, type ConsumeMessage } from 'amqplib';
import { firstValueFrom } from 'rxjs';
import { compare, load } from './measure.js';

const IN_FLIGHT = [1, 16, 128];
const body = { orderId: newId(), lines: [{ sku: 'MUG-BLUE', quantity: 2 }] };

/** A way to send a request and get its answer over the broker. */
interface RoundTrips {
  ask(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Sends the messages of a work, and resolves once the broker has them: the store is not measured here. */
class Storeless extends Committer {
  constructor(private readonly send: (messages: readonly Partial<Message>[]) => Promise<unknown>) {
    super();
  }

  commit(): Promise<never> {
    return Promise.reject(new Error('nothing is committed here'));
  }

  async handle(handled: Work, _: Cause): Promise<'done'> {
    await this.send(handled.settle(undefined).messages);
    return 'done';
  }

  idle(): Promise<void> {
    return Promise.resolve();
  }
}

/** Ours: quorum queues, confirmed, acknowledged after the handling. */
async function seam(url: string): Promise<RoundTrips> {
  const services = ['requester', 'responder'];
  const prefix = `bench-${newId()}`;
  const transport = new RabbitTransport({
    url,
    prefix,
    services,
    subscriptions: {},
    log: () => undefined,
  });
  await transport.open();
  const asked = new Map<string, () => void>();
  const send = (messages: readonly Partial<Message>[]): Promise<unknown> =>
    Promise.all(messages.map((message) => transport.publish(envelope(message))));
  const nothing = { store: () => Promise.resolve() };
  const listen = async (service: string, handle: (message: Message) => Work): Promise<void> => {
    const receiver = transport.receiverFor(service);
    const consumer = new Consumer({ service, committer: new Storeless(send), deadLetters: nothing });
    receiver.bind(consumer, new Map([['bench', { handler: `${service}/bench`, invoke: handle }]]));
    await receiver.listen(() => undefined);
  };
  const answer = (messages: Partial<Message>[]): Work =>
    work({ name: 'bench' }, undefined, () => ({ value: undefined, messages: messages as never }));
  await listen('responder', ({ correlationId }) => answer([{ target: 'requester', kind: 'reply', correlationId }]));
  await listen('requester', ({ correlationId }) => {
    asked.get(correlationId)?.();
    asked.delete(correlationId);
    return answer([]);
  });
  await eventually(() => send([{ target: 'responder', kind: 'command', correlationId: newId() }]));
  return {
    ask: () => {
      const correlationId = newId();
      const answered = new Promise<void>((resolve) => asked.set(correlationId, resolve));
      return Promise.all([answered, send([{ target: 'responder', kind: 'command', correlationId }])]);
    },
    close: () => transport.close(),
  };
}

const envelope = (message: Partial<Message>): Message => ({
  id: newId(),
  type: 'bench',
  kind: 'event',
  source: 'bench',
  correlationId: '',
  at: new Date().toISOString(),
  data: body,
  ...message,
});

@Controller()
class PlainAnswerer {
  @MessagePattern('bench')
  answer(data: unknown): unknown {
    return data;
  }
}

@Controller()
class DurableAnswerer {
  /** Acknowledges and replies in Nest's way; nothing awaits a confirm. */
  @MessagePattern('bench')
  answer(@Payload() data: unknown, @Ctx() context: RmqContext): unknown {
    (context.getChannelRef() as Channel).ack(context.getMessage() as ConsumeMessage);
    return new RmqRecordBuilder(data).setOptions({ persistent: true }).build();
  }
}

@Module({ controllers: [PlainAnswerer] })
class PlainModule {}

@Module({ controllers: [DurableAnswerer] })
class DurableModule {}

/** The default of @nestjs/microservices: no acknowledgement, no confirm awaited, nothing on disk. */
function plainNest(url: string): Promise<RoundTrips> {
  const queue = `bench-${newId()}`;
  return nest(PlainModule, { urls: [url], queue, queueOptions: { durable: false } });
}

/**
 * The same on queues like ours: quorum queues for requests and replies, persistent messages, requests acknowledged.
 * Nest awaits no confirm, and receives replies without an acknowledgement, whatever its options are.
 */
async function durableNest(url: string): Promise<RoundTrips> {
  const [queue, replyQueue] = [`bench-${newId()}`, `bench-${newId()}`];
  const queueOptions = { durable: true, arguments: { 'x-queue-type': 'quorum' } };
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.assertQueue(replyQueue, queueOptions);
  // Without it the acknowledgement and the reply, two small writes, cost 40 ms: Nagle's algorithm waits for TCP's
  // delayed one.
  const socketOptions = { connectionOptions: { noDelay: true } };
  const options = { urls: [url], queue, queueOptions, replyQueue, persistent: true, prefetchCount: 64, socketOptions };
  const requester = await nest(DurableModule, options, { noAck: false });
  return {
    ask: () => requester.ask(),
    close: async () => {
      await requester.close();
      for (const name of [queue, replyQueue]) await channel.deleteQueue(name);
      await connection.close();
    },
  };
}

async function nest(
  module: Type,
  options: RmqOptions['options'],
  serverOnly: RmqOptions['options'] = {},
): Promise<RoundTrips> {
  const app = await NestFactory.createMicroservice<RmqOptions>(module, {
    transport: NestTransport.RMQ,
    options: { ...options, ...serverOnly },
    logger: false,
  } as never);
  await app.listen();
  const client = ClientProxyFactory.create({ transport: NestTransport.RMQ, options });
  await client.connect();
  return {
    ask: () => firstValueFrom(client.send('bench', body)),
    close: async () => {
      await client.close();
      await app.close();
    },
  };
}

/** The minimum: two channels of one connection, JSON, direct reply-to. */
async function rawAmqp(url: string): Promise<RoundTrips> {
  const queue = `bench-${newId()}`;
  const connection = await connect(url);
  const [answering, asking] = [await connection.createChannel(), await connection.createChannel()];
  await answering.assertQueue(queue, { durable: false });
  await answering.consume(
    queue,
    (message) => {
      if (message === null) return;
      const properties = message.properties as { replyTo: string; correlationId: string };
      const answer: unknown = JSON.parse(message.content.toString());
      answering.sendToQueue(properties.replyTo, Buffer.from(JSON.stringify(answer)), properties);
    },
    { noAck: true },
  );
  const asked = new Map<string, (answer: unknown) => void>();
  await asking.consume(
    'amq.rabbitmq.reply-to',
    (message) => asked.get(String(message?.properties.correlationId))?.(JSON.parse(message?.content.toString() ?? '')),
    { noAck: true },
  );
  return {
    ask: () =>
      new Promise((resolve) => {
        const correlationId = newId();
        asked.set(correlationId, resolve);
        asking.sendToQueue(queue, Buffer.from(JSON.stringify(body)), {
          replyTo: 'amq.rabbitmq.reply-to',
          correlationId,
        });
      }),
    close: () => connection.close(),
  };
}

/** A request and its answer, each in a message of its own; a tenth of the number if each waits for the one before. */
export async function benchMessages(url: string, count: number, rounds: number): Promise<void> {
  Logger.overrideLogger(false);
  const ours = await seam(url);
  const floors = [
    { name: 'plain @nestjs/microservices', requester: await plainNest(url), mark: 0.9 },
    { name: 'plain Nest on quorum queues', requester: await durableNest(url), mark: 0.9 },
    { name: 'raw amqplib', requester: await rawAmqp(url), mark: 0 },
  ];
  for (const inFlight of IN_FLIGHT)
    for (const { name, requester, mark } of floors) {
      const trips = inFlight === 1 ? Math.ceil(count / 10) : count;
      await compare({
        title: `Round trips over RabbitMQ, ${inFlight} in flight`,
        mark,
        rounds,
        ours: { name: 'Seam, confirmed and acknowledged', run: () => load(trips, inFlight, () => ours.ask()) },
        floor: { name, run: () => load(trips, inFlight, () => requester.ask()) },
      });
    }
  for (const requester of [ours, ...floors.map((floor) => floor.requester)]) await requester.close();
}
