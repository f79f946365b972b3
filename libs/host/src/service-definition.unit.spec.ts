import { Module } from '@nestjs/common';
import { selectServices, type ServiceDefinition } from './service-definition.js';

@Module({})
class AnyModule {}
const service = (name: string, ...needs: string[]): ServiceDefinition => ({ name, module: AnyModule, needs });
const known = [service('orders', 'payments'), service('payments'), service('users')];
const names = (wanted: string[] | undefined): string[] => selectServices(known, wanted).map(({ name }) => name);

it('selects all, or those asked for', () => {
  expect(names(undefined)).toEqual(['orders', 'payments', 'users']);
  expect(names(['payments', 'orders'])).toEqual(['orders', 'payments']);
});

it('refuses a name nobody knows, and tells the known ones', () => {
  expect(() => names(['order'])).toThrow('SEAM_SERVICES names order: the services here are orders, payments, users');
});

it('refuses a service that cannot reach what it needs, and says which', () => {
  expect(() => names(['orders', 'users'])).toThrow('orders needs payments');
});
