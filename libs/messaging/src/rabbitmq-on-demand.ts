import { loadOptional } from '@seam/kernel';
import type { RabbitTransport, RabbitTransportOptions } from './rabbitmq/rabbitmq-transport.js';

/**
 * A RabbitMQ transport. Its driver is loaded only here, on demand, so that a process without a broker does not load it.
 */
export async function rabbitOnDemand(options: RabbitTransportOptions): Promise<RabbitTransport> {
  const load = () => import('./rabbitmq/rabbitmq-transport.js');
  const { RabbitTransport: Rabbit } = await loadOptional('RABBITMQ_URL', 'MESSAGING', load);
  return new Rabbit(options);
}
