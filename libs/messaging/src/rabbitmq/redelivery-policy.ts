import type { Message } from '@seam/kernel';
import type { ConsumeMessage } from 'amqplib';
import { DeliveryRejectedError } from '../publisher.js';
import type { RabbitClient } from './rabbitmq-client.js';
import { deadQueueOf, queueOf, type Topology } from './topology.js';
import { attemptsHeader, attemptsOf, countIn, CRASHES, FAILURES, RETURNS, TRIED_BY } from './wire.js';

/** How often a message may be redelivered before it is tried alone. */
const MAX_RETURNS = 3;
/** How many processes may end while they try a message alone before it is given up. */
export const MAX_CRASHES = 3;

/** What is to be done with a message that is tried alone. */
export type Trial = 'handle' | 'sent on' | 'give up';

/**
 * Decides about redelivered messages. A message is redelivered after its process has ended or a connection was lost: the
 * broker cannot tell which, and counts both. So the messages of a bundle are sent again separately, and one that is
 * redelivered repeatedly is tried alone: the process that tries it first writes its own id on it. If another process then
 * receives it, the first one has ended; if the same process receives it, a connection was lost, and nothing is counted.
 */
export class RedeliveryPolicy {
  constructor(
    private readonly client: RabbitClient,
    private readonly topology: Topology,
    private readonly service: string,
    /** The id of this process, unique for ever. */
    private readonly me: string,
  ) {}

  /** Sends each message again separately; false if that is not possible now: then handle them here, one after the other. */
  async sendOn(messages: readonly Message[], delivery: ConsumeMessage): Promise<boolean> {
    const { prefix } = this.topology;
    const returns = countIn(delivery, RETURNS) + 1;
    const queue = returns > MAX_RETURNS ? deadQueueOf(prefix, this.service) : queueOf(prefix, this.service);
    const headers = { ...failuresOf(delivery), [RETURNS]: returns };
    try {
      await Promise.all(messages.map((message) => this.client.putInto(queue, message, headers)));
      return true;
    } catch (error) {
      if (error instanceof DeliveryRejectedError) return false;
      throw error;
    }
  }

  /** Rejects with a {@link DeliveryRejectedError} if its headers cannot be written now. */
  async tryAlone(messages: readonly Message[], delivery: ConsumeMessage): Promise<Trial> {
    const triedBy: unknown = (delivery.properties.headers ?? {})[TRIED_BY];
    if (triedBy === this.me && messages.length === 1) return 'handle';
    const crashed = triedBy !== undefined && delivery.fields.redelivered;
    const crashes = countIn(delivery, CRASHES) + (crashed ? 1 : 0);
    if (crashes >= MAX_CRASHES) return 'give up';
    const headers = { ...failuresOf(delivery), [CRASHES]: crashes, [TRIED_BY]: this.me };
    const queue = deadQueueOf(this.topology.prefix, this.service);
    await Promise.all(messages.map((message) => this.client.putInto(queue, message, headers)));
    return 'sent on';
  }
}

const failuresOf = (delivery: ConsumeMessage): Record<string, unknown> => {
  const failures = countIn(delivery, FAILURES);
  return failures === 0 ? {} : { [FAILURES]: failures, ...attemptsHeader(attemptsOf(delivery)) };
};
