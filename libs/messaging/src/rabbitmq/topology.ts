import type { Channel, ChannelModel, Options } from 'amqplib';
import { crc32 } from 'node:zlib';
import { BrokerError, wordsOf } from './errors.js';

/**
 * How often the broker delivers a message that its consumers neither finish nor give up. It counts lost connections, too,
 * and not all versions count alike: a message that exceeds the limit is tried alone, and only then given up.
 */
const DELIVERY_LIMIT = 20;

/** Delays of the retry queues, ms: one queue for each delay, because a queue returns its messages in order. */
export const RETRY_DELAYS_MS = [1_000, 5_000] as const;

/** What every process declares, at its start and regularly, for all services. */
export interface Topology {
  /** All services: each has a queue, even if it was never started. */
  readonly services: readonly string[];
  /** The types of events that each service handles: an event waits for a subscriber that was never started. */
  readonly subscriptions: Readonly<Record<string, readonly string[]>>;
  /** Services that get messages with a key: events that they subscribe to, or commands. */
  readonly ordered: readonly string[];
  /** Prefix of the names of all queues and exchanges. */
  readonly prefix: string;
}

export const eventsExchange = (prefix: string): string => `${prefix}.events`;
export const queueOf = (prefix: string, service: string): string => `${prefix}.${service}`;
/** The queue of messages that may have ended their process, to be tried one at a time. */
export const deadQueueOf = (prefix: string, service: string): string => `${queueOf(prefix, service)}.dead`;
/** The queue of messages that could not be read. Nobody consumes it. */
export const parkedQueueOf = (prefix: string, service: string): string => `${queueOf(prefix, service)}.parked`;
export const retryQueueOf = (prefix: string, service: string, delayMs: number): string =>
  `${queueOf(prefix, service)}.retry.${delayMs}`;

/**
 * Into how many queues the messages with a key of a service are divided: so many of its processes can handle them at the same
 * time. A key would change its queue with it, and could overtake itself: it is fixed.
 */
export const PARTITIONS = 4;
export const partitionOf = (key: string): number => crc32(key) % PARTITIONS;
export const orderedExchange = (prefix: string, partition: number): string => `${prefix}.events.ordered.${partition}`;
export const orderedQueueOf = (prefix: string, service: string, partition: number): string =>
  `${queueOf(prefix, service)}.ordered.${partition}`;

export const subscribersOf = ({ subscriptions }: Topology, type: string): string[] =>
  Object.keys(subscriptions).filter((service) => subscriptions[service]?.includes(type));

/** Whether the queue of any service is bound to this type of event. */
export const isSubscribed = ({ subscriptions }: Topology, type: string): boolean =>
  Object.values(subscriptions).some((types) => types.includes(type));

/** The result of a declaration. */
export interface Declared {
  /** Number of messages in queues that nobody consumes, by queue. */
  readonly parked: ReadonlyMap<string, number>;
}

type Queue = readonly [name: string, options: Options.AssertQueue];

/** Replicated, on disk, and without losses: a message is in the next queue before it is removed from this one. */
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
  return [
    [own, quorum(deadQueueOf(prefix, service), { 'x-delivery-limit': DELIVERY_LIMIT })],
    ...RETRY_DELAYS_MS.map((delay): Queue => [
      retryQueueOf(prefix, service, delay),
      quorum(own, { 'x-message-ttl': delay }),
    ]),
  ];
}

/** Without a delivery limit: it has no dead-letter exchange, so a limit would drop messages that are only read. */
const parkedQueue = (prefix: string, service: string): Queue => [
  parkedQueueOf(prefix, service),
  quorum(undefined, { 'x-delivery-limit': -1 }),
];

const deadQueue = (prefix: string, service: string): Queue => [
  deadQueueOf(prefix, service),
  quorum(parkedQueueOf(prefix, service), { 'x-delivery-limit': DELIVERY_LIMIT }),
];

/**
 * Declares all exchanges, queues and bindings, on separate channels; those that exist with the same arguments are left
 * unchanged. Rejects with a {@link BrokerError} if a queue exists with other arguments.
 */
export async function declareTopology(
  connection: ChannelModel,
  { prefix, services, subscriptions, ordered }: Topology,
): Promise<Declared> {
  const exchange = eventsExchange(prefix);
  const parked = new Map<string, number>();
  await onChannel(connection, async (channel) => {
    await channel.assertExchange(exchange, 'topic', { durable: true });
    for (const service of services) {
      const { queue, messageCount } = await channel.assertQueue(...parkedQueue(prefix, service));
      if (messageCount > 0) parked.set(queue, messageCount);
    }
  });
  await Promise.all(services.map((service) => declareDead(connection, deadQueue(prefix, service))));
  await onChannel(connection, async (channel) => {
    for (const service of services) {
      await Promise.all(queuesOf(prefix, service).map((queue) => channel.assertQueue(...queue)));
      const types = subscriptions[service] ?? [];
      await Promise.all(types.map((type) => channel.bindQueue(queueOf(prefix, service), exchange, type)));
    }
  });
  if (ordered.length > 0)
    await onChannel(connection, async (channel) => {
      for (let partition = 0; partition < PARTITIONS; partition += 1)
        for (const service of ordered)
          await declareOrdered(channel, prefix, service, { partition, types: subscriptions[service] ?? [] });
    });
  return { parked };
}

/** A single active consumer: with two, the second would get a later message while the first still handles an earlier one. */
async function declareOrdered(
  channel: Channel,
  prefix: string,
  service: string,
  { partition, types }: { partition: number; types: readonly string[] },
): Promise<void> {
  const [exchange, queue] = [orderedExchange(prefix, partition), orderedQueueOf(prefix, service, partition)];
  const alone = { 'x-delivery-limit': DELIVERY_LIMIT, 'x-single-active-consumer': true };
  await channel.assertExchange(exchange, 'topic', { durable: true });
  await channel.assertQueue(queue, quorum(deadQueueOf(prefix, service), alone));
  await Promise.all(types.map((type) => channel.bindQueue(queue, exchange, type)));
}

/** A queue of an earlier version, without a limit, works as well; it is declared anew once an operator deletes it. */
async function declareDead(connection: ChannelModel, queue: Queue): Promise<void> {
  try {
    await onChannel(connection, (channel) => channel.checkQueue(queue[0]));
  } catch (error) {
    if (!/NOT_FOUND/.test(wordsOf(error))) throw error;
    await onChannel(connection, (channel) => channel.assertQueue(...queue));
  }
}

async function onChannel(connection: ChannelModel, use: (channel: Channel) => Promise<unknown>): Promise<void> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined); // The pending calls reject with it, too.
  try {
    await use(channel);
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
      `Wait until it is empty, stop the processes that use it, delete it (rabbitmqctl delete_queue ${queue}), then start again.`,
    { cause: error },
  );
}
