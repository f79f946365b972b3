import type { Channel, ChannelModel, Options } from 'amqplib';
import { BrokerError, wordsOf } from './errors.js';

/**
 * How often the broker hands a message out that its consumers neither finish nor give up. It counts lost connections, too,
 * and not all versions count alike: what it takes off a queue for that is tried alone, and only then given up.
 */
const DELIVERY_LIMIT = 20;

/** For how long a failing message can be put aside, ms: a queue each, as a queue gives its messages back in order. */
export const RETRY_DELAYS_MS = [1_000, 5_000] as const;

/** What every process declares, at its start and regularly, whichever services it hosts. */
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
/** Where messages lie that may have ended their processes, to be tried each by itself. */
export const deadQueueOf = (prefix: string, service: string): string => `${queueOf(prefix, service)}.dead`;
/** Where messages end that nobody could even look at. Nobody consumes it. */
export const parkedQueueOf = (prefix: string, service: string): string => `${queueOf(prefix, service)}.parked`;
export const retryQueueOf = (prefix: string, service: string, delayMs: number): string =>
  `${queueOf(prefix, service)}.retry.${delayMs}`;

/** Whether anybody's queue is bound to this type of event. */
export const isSubscribed = ({ subscriptions }: Topology, type: string): boolean =>
  Object.values(subscriptions).some((types) => types.includes(type));

/** What was found on declaring. */
export interface Declared {
  /** Messages that lie in queues which nobody consumes, by queue. */
  readonly parked: ReadonlyMap<string, number>;
}

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
  return [
    [own, quorum(deadQueueOf(prefix, service), { 'x-delivery-limit': DELIVERY_LIMIT })],
    ...RETRY_DELAYS_MS.map((delay): Queue => [
      retryQueueOf(prefix, service, delay),
      quorum(own, { 'x-message-ttl': delay }),
    ]),
  ];
}

/** Without a limit: a limit drops what leads nowhere, and looking at a message there must not count it away. */
const parkedQueue = (prefix: string, service: string): Queue => [
  parkedQueueOf(prefix, service),
  quorum(undefined, { 'x-delivery-limit': -1 }),
];

const deadQueue = (prefix: string, service: string): Queue => [
  deadQueueOf(prefix, service),
  quorum(parkedQueueOf(prefix, service), { 'x-delivery-limit': DELIVERY_LIMIT }),
];

/**
 * Declares all exchanges, queues and bindings, on channels of its own; what is there already with the
 * same arguments stays as it is. Rejects with a {@link BrokerError} where a queue is there with others.
 */
export async function declareTopology(
  connection: ChannelModel,
  { prefix, services, subscriptions }: Topology,
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
  return { parked };
}

/** One that an earlier version declared, without a limit, serves as well; it is declared anew once an operator deletes it. */
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
  channel.on('error', () => undefined); // It rejects what is under way, too.
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
