import fc from 'fast-check';
import { resolve, ROUTES, SERVICES } from './routes.js';

it.each([
  ['/api/users', 'users'],
  ['/api/users/me', 'users'],
  ['/api/users/', 'users'],
  ['/API/Users/me', 'users'],
  ['/api/auth/login', 'users'],
  ['/.well-known/jwks.json', 'users'],
  ['/api/products/MUG-BLUE', 'products'],
  ['/api/orders/1/events', 'orders'],
  ['/api/inventory/MUG', 'inventory'],
  ['/api/payments/webhooks/fake', 'payments'],
  ['/api/notifications', 'notifications'],
  ['/api/analytics/sales', 'analytics'],
  ['/api/products/a.b', 'products'],
  ['/api/products/...', 'products'],
  ['/api/products/%2Ea', 'products'],
])('leads %s to %s', (path, service) => {
  expect(resolve('GET', path)).toMatchObject({ service });
});

it.each(['/', '/health/live', '/metrics', '/docs', '/docs-json', '/apis/orders', '//api/orders', '/x/../api/orders'])(
  'leaves %s to the application',
  (path) => {
    expect(resolve('GET', path)).toBe('own');
  },
);

it.each([
  '/api/gateway/targets',
  '/api/sagas',
  '/api/sagas/1/retry',
  '/api/dead-letters',
  '/api/dead-letters/1/redrive',
  '/api/messages/outbox',
  '/api/orders/1/overview',
])('answers %s itself', (path) => {
  expect(resolve('GET', path)).toBe('own');
});

it.each(['/api', '/api/', '/api/nothing', '/api/ordersx', '/api/order', '/.well-known/other', '/api/__proto__'])(
  'finds no service for %s',
  (path) => {
    expect(resolve('GET', path)).toBe('unknown');
  },
);

it.each([
  '/api/products/../orders',
  '/api/products/..',
  '/api/products/./x',
  '/api/products/%2e%2e/orders',
  '/api/products/.%2E/orders',
  '/api/products/%2e/orders',
  '/api/products//orders',
  '/api//orders',
  '/api/products/..%2forders',
  '/api/products%2F..%2Forders',
  '/api/products/..\\orders',
  '/api/products/%5c..%5corders',
  '/api/products/x%00',
  '/api/products/x#/../../orders',
  '/api/../metrics',
])('refuses %s', (path) => {
  expect(resolve('GET', path)).toBe('refused');
});

it.each([
  ['POST', '/api/users', false],
  ['POST', '/api/users/', false],
  ['GET', '/api/users/me', true],
  ['GET', '/api/users', true],
  ['POST', '/api/auth/login', false],
  ['POST', '/API/AUTH/LOGIN', false],
  ['GET', '/.well-known/jwks.json', false],
  ['POST', '/api/payments/webhooks/fake', false],
  ['GET', '/api/payments/webhooks', true],
  ['GET', '/api/payments/1', true],
  ['GET', '/api/orders', true],
])('%s %s: checks the token: %s', (method, path, checksToken) => {
  expect(resolve(method, path)).toMatchObject({ checksToken });
});

it('lists every service once', () => {
  expect(SERVICES).toEqual([...new Set(ROUTES.map(({ service }) => service))]);
  expect(SERVICES).toHaveLength(7);
});

it('never routes a path to another service than that of its first segments, however it is written', () => {
  const piece = fc.constantFrom('/', '.', '..', '%2e', '%2F', '\\', 'orders', 'products', 'x', ';', '%00', '#', 'api');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const path = `/api/products/${pieces.join('')}`;
      const resolved = resolve('GET', path);
      if (typeof resolved === 'string') return;
      expect(resolved.service).toBe('products');
      const meant = new URL(decodeURIComponent(path), 'http://h').pathname;
      expect(meant.startsWith('/api/products')).toBe(true);
    }),
  );
});

it.each([
  ['POST', '/api/orders', true],
  ['POST', '/api/orders/', true],
  ['POST', '/API/Orders', true],
  ['POST', '/api/inventory/MUG-BLUE/receipts', true],
  ['POST', '/api/inventory/MUG-BLUE/corrections', true],
  ['POST', '/api/orders/1/cancel', false],
  ['POST', '/api/users', false],
  ['POST', '/api/payments/webhooks/fake', false],
])('knows whether a key makes %s %s happen once: %s', (method, path, keyed) => {
  expect(resolve(method, path)).toMatchObject({ keyed });
});
