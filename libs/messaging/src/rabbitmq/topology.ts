import type { Channel, ChannelModel, Options } from 'amqplib';
import { BrokerError, wordsOf } from './errors.js';

/** How often the broker hands a message out that its consumers neither finish nor give up: after that it is poison. */
export const DELIVERY_LIMIT = 20;

/** For how long a failing message can be put aside, ms: a queue each, as a queue gives its messages back in order. */
export const RETRY_DELAYS_MS = [1_000, 5_000] as const;

/** What every process declares at its start, whichever services it hosts. */
export interface Topology {
  /** Every service that there is: whoever sends to one finds its queue, started or not. */
  readonly services: readonly string[];
  /** The types of events each of them takes: an event that is published before its subscriber's first start waits for it. */
  readonly subscriptions: Readonly<Record<string, readonly string[]>>;
  /** What all names of queues and exchanges begin with. */
  readonly prefix: string;
}

export const eventsExchange = (prefix: string): string => `${prefix}.events`;
export const queueOf = (prefix: string, service: string): string => `${prefix}.${service}`;
/** Where messages lie that crashed their consumers too often, until the service keeps them as dead letters. */
export const deadQueueOf = (prefix: string, service: string): string => `${queueOf(prefix, service)}.dead`;
export const retryQueueOf = (prefix: string, service: string, delayMs: number): string =>
  `${queueOf(prefix, service)}.retry.${delayMs}`;

type Queue = readonly [name: string, options: Options.AssertQueue];

/** Replicated, on disk, and giving nothing up by itself: what leaves it for another queue is there before it is gone here. */
const quorum = (deadLetterTo: string | undefined, more: Record<string, unknown> = {}): Options.AssertQueue => ({
  durable: true,
  arguments: {
    'x-queue-type': 'quorum',
    ...(deadLetterTo === undefined
      ? {}
      : {
          'x-dead-letter-exchange': '',
          'x-dead-letter-routing-key': deadLetterTo,
          'x-dead-letter-strategy': 'at-least-once',
          'x-overflow': 'reject-publish',
        }),
    ...more,
  },
});

function queuesOf(prefix: string, service: string): Queue[] {
  const own = queueOf(prefix, service);
  const dead = deadQueueOf(prefix, service);
  return [
    [dead, quorum(undefined, { 'x-delivery-limit': -1 })],
    [own, quorum(dead, { 'x-delivery-limit': DELIVERY_LIMIT })],
    ...RETRY_DELAYS_MS.map((delay): Queue => [
      retryQueueOf(prefix, service, delay),
      quorum(own, { 'x-message-ttl': delay }),
    ]),
  ];
}

/** Declares all exchanges, queues and bindings; what is there already with the same arguments stays as it is. */
export async function declareTopology(channel: Channel, topology: Topology): Promise<void> {
  await channel.assertExchange(eventsExchange(topology.prefix), 'topic', { durable: true });
  await Promise.all(topology.services.map((service) => declareQueues(channel, topology, service)));
}

/** Declares one service's queues and binds them to the events it takes. */
export async function declareQueues(
  channel: Channel,
  { prefix, subscriptions }: Topology,
  service: string,
): Promise<void> {
  await Promise.all(queuesOf(prefix, service).map(([name, options]) => channel.assertQueue(name, options)));
  const types = subscriptions[service] ?? [];
  await Promise.all(types.map((type) => channel.bindQueue(queueOf(prefix, service), eventsExchange(prefix), type)));
}

/** The same on a channel of its own. Rejects with a {@link BrokerError} where one is there with other arguments. */
export async function checkTopology(connection: ChannelModel, topology: Topology): Promise<void> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined); // It rejects the declaration, too.
  try {
    await declareTopology(channel, topology);
    await channel.close();
  } catch (error) {
    throw /PRECONDITION_FAILED|inequivalent/.test(wordsOf(error)) ? mismatch(error) : error;
  }
}

function mismatch(error: unknown): BrokerError {
  const words = wordsOf(error);
  const queue = /(?:queue|exchange) '([^']+)'/.exec(words)?.[1] ?? 'a queue';
  return new BrokerError(
    'MESSAGING.QUEUE_MISMATCH',
    `RabbitMQ already has ${queue} with other arguments than this version declares: ${words}\n` +
      `Stop the processes that use it, let it run empty, delete it (rabbitmqctl delete_queue ${queue}), then start again.`,
    { cause: error },
  );
}
