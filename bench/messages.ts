import { Controller, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, MessagePattern, Transport as NestTransport } from '@nestjs/microservices';
import { type Message, newId } from '@seam/kernel';
import { type Cause, Committer, Consumer, type Work, work } from '@seam/messaging';
import { RabbitTransport } from '@seam/messaging/rabbitmq';
import { eventually } from '@seam/testing';
import { connect } from 'amqplib';
import { firstValueFrom } from 'rxjs';
import { compare, load } from './measure.js';

const IN_FLIGHT = 128;
const body = { orderId: newId(), lines: [{ sku: 'MUG-BLUE', quantity: 2 }] };

/** A way to ask and be answered over the broker. */
interface Asker {
  ask(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Sends what a work says, once the broker has it: a store's part is not what is measured here. */
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
async function seam(url: string): Promise<Asker> {
  const services = ['asker', 'answerer'];
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
  await listen('answerer', ({ correlationId }) => answer([{ target: 'asker', kind: 'reply', correlationId }]));
  await listen('asker', ({ correlationId }) => {
    asked.get(correlationId)?.();
    asked.delete(correlationId);
    return answer([]);
  });
  await eventually(() => send([{ target: 'answerer', kind: 'command', correlationId: newId() }]));
  return {
    ask: () => {
      const correlationId = newId();
      const answered = new Promise<void>((resolve) => asked.set(correlationId, resolve));
      return Promise.all([answered, send([{ target: 'answerer', kind: 'command', correlationId }])]);
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

@Module({ controllers: [PlainAnswerer] })
class PlainModule {}

/** As @nestjs/microservices does by default: no acknowledgement, no confirm, nothing on disk. */
async function plainNest(url: string): Promise<Asker> {
  const queue = `bench-${newId()}`;
  const options = { urls: [url], queue, queueOptions: { durable: false } };
  const app = await NestFactory.createMicroservice(PlainModule, {
    transport: NestTransport.RMQ,
    options,
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

/** The least there is: two channels of one connection, JSON, direct reply-to. */
async function rawAmqp(url: string): Promise<Asker> {
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

/** A question and its answer, each by a message of its own. */
export async function benchMessages(url: string, count: number, rounds: number): Promise<void> {
  Logger.overrideLogger(false);
  const ours = await seam(url);
  const floors = [
    { name: 'plain @nestjs/microservices', asker: await plainNest(url), mark: 0.9 },
    { name: 'raw amqplib', asker: await rawAmqp(url), mark: 0 },
  ];
  for (const { name, asker, mark } of floors)
    await compare({
      title: `Round trips over RabbitMQ, ${IN_FLIGHT} in flight`,
      mark,
      rounds,
      ours: { name: 'Seam, confirmed and acknowledged', run: () => load(count, IN_FLIGHT, () => ours.ask()) },
      floor: { name, run: () => load(count, IN_FLIGHT, () => asker.ask()) },
    });
  for (const asker of [ours, ...floors.map((floor) => floor.asker)]) await asker.close();
}
