import { connect } from 'amqplib';
import { setTimeout as wait } from 'node:timers/promises';
import { BrokerError, wordsOf } from './errors.js';
import { checkTopology, type Topology } from './topology.js';

interface AwaitBroker {
  readonly url: string;
  readonly waitMs: number;
  readonly log: (line: string) => void;
  readonly topology: Topology;
}

const EVERY_MS = 1_000;

/**
 * Resolves once the broker answers and has all queues as they must be. One that is away is waited for; one that refuses
 * the account or has queues with other arguments is not.
 */
export async function awaitBroker({ url, waitMs, log, topology }: AwaitBroker): Promise<void> {
  const { host } = new URL(url);
  const until = Date.now() + waitMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const connection = await connect(url, { timeout: 5_000 });
      connection.on('error', () => undefined);
      try {
        await checkTopology(connection, topology);
      } finally {
        await connection.close().catch(() => undefined);
      }
      return;
    } catch (error) {
      if (error instanceof BrokerError) throw error;
      if (isRefusal(error)) throw refused(host, error);
      if (Date.now() >= until) throw away(host, waitMs, error);
      if (attempt === 1) log(`RabbitMQ at ${host} does not answer yet (${wordsOf(error)}): waiting for it`);
      await wait(EVERY_MS);
    }
  }
}

/** A wrong account (403), or a virtual host that is not there, of which amqplib tells no more: no wait mends that. */
const isRefusal = (error: unknown): boolean =>
  /\b403\b|ACCESS[-_]REFUSED|Expected ConnectionOpenOk; got <ConnectionClose/.test(wordsOf(error));

const refused = (host: string, cause: unknown): BrokerError =>
  new BrokerError(
    'MESSAGING.BROKER_REFUSED',
    `RabbitMQ at ${host} refuses RABBITMQ_URL: ${wordsOf(cause)}\n` +
      'Check its user, password and virtual host, and what that user may configure, write and read.',
    { cause },
  );

const away = (host: string, waitMs: number, cause: unknown): BrokerError =>
  new BrokerError(
    'MESSAGING.BROKER_AWAY',
    `RabbitMQ at ${host} did not answer for ${Math.round(waitMs / 1_000)} s: ${wordsOf(cause)}\n` +
      'Start it, correct RABBITMQ_URL, or wait longer with SEAM_WAIT_S.',
    { cause },
  );
