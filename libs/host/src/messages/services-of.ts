import type { HostedMessages, ServiceMessages } from '@seam/messaging';
import { invalidRequest } from '../http/validation.pipe.js';

/** The services of this process, or the requested one; one that is not hosted here is `REQUEST.INVALID`. */
export function servicesOf(messages: HostedMessages, service?: string): [string, ServiceMessages][] {
  const all = [...messages.all];
  if (service === undefined) return all;
  const one = all.filter(([name]) => name === service);
  if (one.length > 0) return one;
  const names = all.map(([name]) => name).join(', ');
  throw invalidRequest([{ path: ['service'], message: `must be a service of this process: ${names}` }]);
}
