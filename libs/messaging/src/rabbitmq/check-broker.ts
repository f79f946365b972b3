import { awaitEngine, EngineUnavailableError } from '@seam/persistence';
import { connect } from 'amqplib';
import { BrokerError, wordsOf } from './errors.js';
import { declareTopology, type Topology } from './topology.js';

interface BrokerCheck {
  readonly url: string;
  readonly log: (line: string) => void;
  readonly topology: Topology;
}

/**
 * Checks the broker once, so that the start fails if it refuses the account, or has queues with other arguments. A broker
 * that does not answer does not end the start: messages wait in the outboxes until it does.
 */
export async function checkBroker({ url, log, topology }: BrokerCheck): Promise<void> {
  try {
    await awaitEngine({
      engine: 'RabbitMQ',
      setting: 'RABBITMQ_URL',
      url,
      waitMs: 0,
      log: () => undefined,
      connect: () => connectAndDeclare(url, topology),
      fatalReason: (error) => {
        if (error instanceof BrokerError) return error.message;
        return isRefusal(error)
          ? `it refuses the connection (${wordsOf(error)}). Check the user, its password, the virtual host, and the permissions of the user there.`
          : undefined;
      },
    });
  } catch (error) {
    if (!(error instanceof EngineUnavailableError && error.code === 'PERSISTENCE.ENGINE_AWAY')) throw error;
    const { host } = new URL(url);
    log(
      `RabbitMQ at ${host} does not answer (${wordsOf(error.cause)}): starting without it, messages wait in the outboxes`,
    );
  }
}

async function connectAndDeclare(url: string, topology: Topology): Promise<void> {
  const connection = await connect(url, { timeout: 5_000 });
  connection.on('error', () => undefined); // The pending calls reject with it, too.
  try {
    await declareTopology(connection, topology);
  } finally {
    await connection.close().catch(() => undefined);
  }
}

/** A wrong account (403), or a missing virtual host, for which amqplib gives no other reason. */
const isRefusal = (error: unknown): boolean =>
  /\b403\b|ACCESS[-_]REFUSED|Expected ConnectionOpenOk; got <ConnectionClose/.test(wordsOf(error));
