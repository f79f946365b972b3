import { subscriptions } from '@seam/contracts';
import { InProcessBroker, RabbitTransport, type Transport } from '@seam/messaging';
import type { ProcessLogger } from './process-logger.js';
import type { Settings } from './settings.js';

/** What the settings say carries this process' messages. */
export function transportOf({ transport, rabbitmqUrl, waitMs }: Settings, logger: ProcessLogger): Transport {
  if (transport === 'in-process' || rabbitmqUrl === undefined) return new InProcessBroker();
  const types = Object.entries(subscriptions).map(([service, events]) => [service, events.map(({ type }) => type)]);
  return new RabbitTransport({
    url: rabbitmqUrl,
    services: Object.keys(subscriptions),
    subscriptions: Object.fromEntries(types) as Record<string, string[]>,
    waitMs,
    log: (line) => logger.log(line, 'rabbitmq'),
  });
}
