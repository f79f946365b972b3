import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { shop } from '@seam/contracts';
import { type ServiceDefinition, startProcess } from '@seam/host';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { readSettings, type Settings } from '@seam/process';
import { services } from '../../apps/monolith/src/services.js';
import { startTestServer } from '@seam/persistence/testing';

let postgres: EmbeddedPostgres;
let settings: Settings;

beforeAll(async () => {
  postgres = await startTestServer();
  settings = readSettings({ PORT: '0', SEAM_LOG: 'error', DATABASE_URL: postgres.url('postgres') });
});
afterAll(() => postgres.stop());

const tokenOf = (provider: Provider): string =>
  typeof provider === 'object' && typeof provider.provide === 'function' ? provider.provide.name : '';

/** The service alone, without the adapter of one of its ports. */
function without(port: string, { module, ...definition }: ServiceDefinition): ServiceDefinition {
  const whole: DynamicModule = 'on' in module ? module.on(settings) : { module };
  const all = <T>(key: 'imports' | 'controllers' | 'providers'): T[] => [
    ...((Reflect.getMetadata(key, whole.module) ?? []) as T[]),
    ...((whole[key] ?? []) as T[]),
  ];
  const providers = all<Provider>('providers');
  const kept = providers.filter((provider) => tokenOf(provider) !== port);
  if (kept.length === providers.length) throw new Error(`${definition.name} has no adapter of ${port}`);
  @Module({ imports: all('imports'), controllers: all('controllers'), providers: kept })
  class Lacking {}
  Object.defineProperty(Lacking, 'name', { value: whole.module.name });
  return { ...definition, module: Lacking, needs: [] };
}

const PORTS = [
  ['users', 'Sessions'],
  ['products', 'Catalogue'],
  ['orders', 'OrderFinder'],
  ['inventory', 'StockReader'],
  ['payments', 'PaymentProvider'],
  ['notifications', 'Mailbox'],
  ['analytics', 'SalesReader'],
];

it.each(PORTS)('%s does not start without an adapter of %s, and the error says what to do', async (name, port) => {
  const service = without(
    port,
    services.find((one) => one.name === name)!,
  );
  const failure = await startProcess({ ...shop, services: [service] }, settings).then(
    () => new Error('started'),
    (error: unknown) => error as Error,
  );
  expect(failure.name).toBe('StartError');
  expect(failure.message).toMatch(new RegExp(`^${name}module lacks an adapter: \\w+ needs ${port},`, 'i'));
  expect(failure.message).toContain(`Add { provide: ${port}, useClass: … } to the providers of `);
});

it('covers every service', () => {
  expect(PORTS.map(([name]) => name).sort()).toEqual(services.map(({ name }) => name).sort());
});
