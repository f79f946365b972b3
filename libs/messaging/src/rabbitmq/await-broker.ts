import { awaitEngine } from '@seam/persistence';
import { connect } from 'amqplib';
import { BrokerError, wordsOf } from './errors.js';
import { checkTopology, type Topology } from './topology.js';

interface AwaitBroker {
  readonly url: string;
  readonly waitMs: number;
  readonly log: (line: string) => void;
  readonly topology: Topology;
}

/**
 * Resolves once the broker answers and has all queues as they must be. One that is away is waited for; one that refuses
 * the account, or has queues with other arguments, is not.
 */
export const awaitBroker = ({ topology, ...where }: AwaitBroker): Promise<void> =>
  awaitEngine({
    ...where,
    engine: 'RabbitMQ',
    setting: 'RABBITMQ_URL',
    connect: () => check(where.url, topology),
    hopeless: (error) => {
      if (error instanceof BrokerError) return error.message;
      return isRefusal(error)
        ? `it refuses the connection (${wordsOf(error)}). Check user, password and virtual host, and what that user may do there.`
        : undefined;
    },
  });

async function check(url: string, topology: Topology): Promise<void> {
  const connection = await connect(url, { timeout: 5_000 });
  connection.on('error', () => undefined); // It rejects what is under way, too.
  try {
    await checkTopology(connection, topology);
  } finally {
    await connection.close().catch(() => undefined);
  }
}

/** A wrong account (403), or a virtual host that is not there, of which amqplib tells no more. */
const isRefusal = (error: unknown): boolean =>
  /\b403\b|ACCESS[-_]REFUSED|Expected ConnectionOpenOk; got <ConnectionClose/.test(wordsOf(error));
