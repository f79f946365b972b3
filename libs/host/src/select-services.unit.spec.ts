import { Module } from '@nestjs/common';
import { type Grouping, selectServices } from './select-services.js';
import type { ServiceDefinition } from './service-definition.js';

@Module({})
class AnyModule {}
const service = (name: string, ...needs: string[]): ServiceDefinition => ({ name, module: AnyModule, needs });
const alone: Grouping = {
  services: undefined,
  transport: 'in-process',
  jwksUrl: undefined,
  peers: undefined,
  consulUrl: undefined,
};
const system = {
  services: [service('orders', 'payments'), service('payments'), service('users')],
  keys: { service: 'users', path: '/keys' },
};
const names = (services: string[] | undefined, more: Partial<Grouping> = {}): string[] =>
  selectServices(system, { ...alone, services, ...more }).map(({ name }) => name);

it('selects all, or those that are named', () => {
  expect(names(undefined)).toEqual(['orders', 'payments', 'users']);
  expect(names(['payments', 'orders'])).toEqual(['orders', 'payments']);
});

it('refuses an unknown name, and lists the known ones', () => {
  expect(() => names(['order'])).toThrow('SEAM_SERVICES names order: the services here are orders, payments, users');
});

it('refuses two services of one name, whichever are to run here', () => {
  const twice = { services: [...system.services, service('users')] };
  expect(() => selectServices(twice, { ...alone, services: ['orders'] })).toThrow('Two services are called users');
});

it('refuses a service that cannot reach what it needs, and says which', () => {
  expect(() => names(['orders', 'users'])).toThrow('orders needs payments');
});

it('lets a service reach what it needs by the broker', () => {
  expect(names(['orders', 'users'], { transport: 'rabbitmq' })).toEqual(['orders', 'users']);
});

it('refuses services without the one that issues access tokens if they cannot find its keys', () => {
  const split = { transport: 'rabbitmq' } as const;
  expect(() => names(['orders'], split)).toThrow(/orders: access tokens .* keys of users.*\n.*CONSUL_URL, SEAM_PEERS/);
  expect(() => names(['orders'], { ...split, peers: { payments: ['http://b'] } })).toThrow('keys of users');
  for (const found of [{ consulUrl: 'http://a' }, { jwksUrl: 'http://a' }, { peers: { users: ['http://a'] } }])
    expect(names(['orders'], { ...split, ...found })).toEqual(['orders']);
});

it('needs no keys if no service of the system issues access tokens', () => {
  const apart: Grouping = { ...alone, services: ['orders'], transport: 'rabbitmq' };
  expect(selectServices({ services: system.services }, apart)).toHaveLength(1);
});
