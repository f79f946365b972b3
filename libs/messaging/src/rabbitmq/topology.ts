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
  /** How many broker messages, each a bundle, may wait for a service that was never hosted. */
  readonly unhostedLimit: number;
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
 * Into how many queues the messages with a key of a service are divided: so many of its processes can handle them at
 * the same time. A key would change its queue with it, and could overtake itself: it is fixed.
 */
export const PARTITIONS = 4;
export const partitionOf = (key: string): number => crc32(key) % PARTITIONS;
export const orderedExchange = (prefix: string, partition: number): string => `${prefix}.events.ordered.${partition}`;
export const orderedQueueOf = (prefix: string, service: string, partition: number): string =>
  `${queueOf(prefix, service)}.ordered.${partition}`;

export const subscribersOf = ({ subscriptions }: Topology, type: string): string[] =>
  Object.keys(subscriptions).filter((service) => subscriptions[service]?.includes(type));

/** Exists once a process has hosted the service: from then on its queues have no limit. */
const hostedMarkOf = (prefix: string, service: string): string => `${queueOf(prefix, service)}.hosted`;

/** To be called before a service's messages are consumed. */
export const markHosted = (channel: Channel, { prefix }: Topology, service: string): Promise<unknown> =>
  channel.assertExchange(hostedMarkOf(prefix, service), 'fanout', { durable: true });

/** The result of a declaration. */
export interface Declared {
  /** Number of messages in queues that nobody consumes, by queue. */
  readonly parked: ReadonlyMap<string, number>;
  /** Number of messages that wait for services that were never hosted, by service. */
  readonly unhosted: ReadonlyMap<string, number>;
  /** Those of them that have reached the limit: their queues are bound to no event. */
  readonly full: ReadonlySet<string>;
}

export const NOTHING_DECLARED: Declared = { parked: new Map(), unhosted: new Map(), full: new Set() };

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
export async function declareTopology(connection: ChannelModel, topology: Topology): Promise<Declared> {
  const { prefix, services, subscriptions, ordered, unhostedLimit } = topology;
  const exchange = eventsExchange(prefix);
  const parked = new Map<string, number>();
  const unhosted = new Map<string, number>();
  const full = new Set<string>();
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
      const waiting = await declareQueues(connection, channel, topology, service);
      if (waiting > 0) unhosted.set(service, waiting);
      if (waiting >= unhostedLimit) full.add(service);
      const bind = bindingOf(channel, full.has(service));
      await Promise.all((subscriptions[service] ?? []).map((type) => bind(queueOf(prefix, service), exchange, type)));
    }
  });
  if (ordered.length > 0)
    await onChannel(connection, async (channel) => {
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const ofKeys = orderedExchange(prefix, partition);
        await channel.assertExchange(ofKeys, 'topic', { durable: true });
        for (const service of ordered) {
          const [queue, bind] = [orderedQueueOf(prefix, service, partition), bindingOf(channel, full.has(service))];
          await Promise.all((subscriptions[service] ?? []).map((type) => bind(queue, ofKeys, type)));
        }
      }
    });
  return { parked, unhosted, full };
}

/** Removes the bindings of a service that has reached its limit; a binding that does not exist is no error there. */
const bindingOf = (channel: Channel, isFull: boolean): Channel['bindQueue'] =>
  isFull ? channel.unbindQueue.bind(channel) : channel.bindQueue.bind(channel);

/** Resolves with the number of messages that wait, if the service was never hosted, and otherwise with 0. */
async function declareQueues(
  connection: ChannelModel,
  channel: Channel,
  { prefix, ordered }: Topology,
  service: string,
): Promise<number> {
  const [own, ...retries] = queuesOf(prefix, service);
  const partitions = ordered.includes(service) ? orderedQueuesOf(prefix, service) : [];
  const queues = [...(own === undefined ? [] : [own]), ...partitions];
  // Those for new messages first: if RabbitMQ 4.0 is killed just after it has created a queue that has messages
  // already, the queue may accept and deliver nothing after the restart.
  const declared = await Promise.all(queues.map((queue) => channel.assertQueue(...queue)));
  await Promise.all(retries.map((queue) => channel.assertQueue(...queue)));
  if (declared.some(({ consumerCount }) => consumerCount > 0)) return 0;
  const waiting = declared.reduce((sum, { messageCount }) => sum + messageCount, 0);
  return waiting > 0 && !(await wasHosted(connection, prefix, service)) ? waiting : 0;
}

async function wasHosted(connection: ChannelModel, prefix: string, service: string): Promise<boolean> {
  try {
    await onChannel(connection, (channel) => channel.checkExchange(hostedMarkOf(prefix, service)));
    return true;
  } catch (error) {
    if (/NOT_FOUND/.test(wordsOf(error))) return false;
    throw error;
  }
}

/**
 * A single active consumer: with two, the second would get a later message while the first still handles an earlier
 * one.
 */
const orderedQueuesOf = (prefix: string, service: string): Queue[] =>
  Array.from({ length: PARTITIONS }, (_, partition) => [
    orderedQueueOf(prefix, service, partition),
    quorum(deadQueueOf(prefix, service), { 'x-delivery-limit': DELIVERY_LIMIT, 'x-single-active-consumer': true }),
  ]);

/**
 * A queue of an earlier version, without a limit, works as well; it is declared again, with the limit, once an operator
 * deletes it.
 */
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
