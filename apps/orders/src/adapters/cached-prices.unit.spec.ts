import { CachedPrices } from './cached-prices.js';

const price = { name: 'Mug', unitPrice: { amount: 1299, currency: 'EUR' } };
let read: string[];
const cachedPrices = (most?: number): CachedPrices =>
  new CachedPrices(
    (skus) => {
      read.push(...skus);
      return Promise.resolve(skus.map((sku) => [sku, price as never] as const));
    },
    true,
    most,
  );

beforeEach(() => {
  read = [];
});

it('reads a price once, and again after its product was stored', async () => {
  const prices = cachedPrices();
  await prices.of(['a', 'b']);
  await prices.of(['a', 'b']);
  prices.forget(['a']);
  expect([...(await prices.of(['a', 'b'])).keys()].sort()).toEqual(['a', 'b']);
  expect(read).toEqual(['a', 'b', 'a']);
});

it('caches only as many prices as allowed: the least recently used one is removed', async () => {
  const prices = cachedPrices(2);
  for (const sku of ['a', 'b', 'a', 'c', 'a', 'b']) await prices.of([sku]);
  expect(read).toEqual(['a', 'b', 'c', 'b']);
});
