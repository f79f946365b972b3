import * as contracts from '@seam/contracts';
import { subscriptions } from '@seam/contracts';
import { productionFiles, read, services } from './sources.js';

/** The events that a service's handlers get, from its sources. */
const handled = (service: string): string[] =>
  productionFiles(`apps/${service}/src`)
    .flatMap((path) => [...read(path).matchAll(/@HandleEvent\('([a-z-]+)', (\w+)\)/g)])
    .filter(([, by]) => by === service)
    .map(([, , name]) => (contracts as unknown as Record<string, { type: string }>)[name ?? '']?.type ?? `no ${name}`)
    .sort();

it('names every service', () => {
  expect(Object.keys(subscriptions).sort()).toEqual([...services].sort());
});

it.each(services)('lists the events that %s handles', (service) => {
  expect(subscriptions[service]?.map(({ type }) => type).sort()).toEqual(handled(service));
});

it('finds the handlers', () => {
  expect(services.flatMap(handled).length).toBeGreaterThan(5);
});
