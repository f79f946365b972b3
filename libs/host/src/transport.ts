import { InProcessBroker, rabbitOnDemand, type Transport } from '@seam/messaging';
import type { Settings } from '@seam/process';
import type { ProcessLogger } from './process-logger.js';
import type { SystemDefinition } from './system-definition.js';

/** The transport that the settings choose for this process' messages. */
export async function transportOf(
  { subscriptions, ordered = [] }: Pick<SystemDefinition, 'subscriptions' | 'ordered'>,
  { transport, rabbitmqUrl }: Settings,
  logger: ProcessLogger,
): Promise<Transport> {
  const names = Object.keys(subscriptions);
  if (transport === 'in-process' || rabbitmqUrl === undefined) return new InProcessBroker(undefined, names);
  const types = Object.entries(subscriptions).map(([service, events]) => [service, events.map(({ type }) => type)]);
  const keyed = names.filter((name) => subscriptions[name]?.some(({ key }) => key !== undefined));
  return rabbitOnDemand({
    url: rabbitmqUrl,
    services: names,
    subscriptions: Object.fromEntries(types) as Record<string, string[]>,
    ordered: [...new Set([...keyed, ...ordered])],
    log: (line) => logger.warn(line, 'rabbitmq'),
  });
}
