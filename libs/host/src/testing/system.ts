import type { ServiceDefinition } from '../service-definition.js';
import type { SystemDefinition } from '../system-definition.js';

/** A system of these services, none of which issues access tokens: a test provides the keys. */
export const systemOf = (...services: readonly ServiceDefinition[]): SystemDefinition => ({
  services,
  subscriptions: Object.fromEntries(services.map(({ name }) => [name, []])),
  settings: [],
  texts: { name: 'Rooms', purpose: 'Rooms & keys', topics: 'rooms, keys' },
});
