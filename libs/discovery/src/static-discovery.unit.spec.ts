import { discoverySuite } from './discovery.suite.js';
import { StaticDiscovery } from './static-discovery.js';

describe('a static list', () => {
  discoverySuite({
    announces: false,
    open: (known) => Promise.resolve(new StaticDiscovery(known)),
    urlFor: (port) => `http://127.0.0.1:${port}`,
  });
});

it('says what it is', () => {
  expect(new StaticDiscovery().status()).toEqual({ kind: 'none', state: 'up' });
  expect(new StaticDiscovery({}).status()).toEqual({ kind: 'static', state: 'up' });
});
