import { checkPrice, type Product, type ProductContent, put } from './product.js';

const mug: ProductContent = {
  name: 'Mug',
  description: 'Blue',
  price: { amount: 1299, currency: 'EUR' },
  active: true,
};
const current: Product = { ...mug, sku: 'MUG', revision: 3 };

describe('putting a product', () => {
  it('creates it with revision 1 if it does not exist', () => {
    expect(put(undefined, 'MUG', mug)).toEqual({ outcome: 'created', product: { ...mug, sku: 'MUG', revision: 1 } });
  });

  it.each<Partial<ProductContent>>([
    { name: 'Cup' },
    { description: '' },
    { price: { amount: 1300, currency: 'EUR' } },
    { price: { amount: 1299, currency: 'CHF' } },
    { active: false },
  ])('makes a next revision with %j', (change) => {
    expect(put(current, 'MUG', { ...mug, ...change })).toEqual({
      outcome: 'changed',
      product: { ...mug, ...change, sku: 'MUG', revision: 4 },
    });
  });

  it('changes nothing if the content is the same', () => {
    expect(put(current, 'MUG', { ...mug, price: { currency: 'EUR', amount: 1299 } })).toEqual({
      outcome: 'unchanged',
      product: current,
    });
  });
});

describe('a price', () => {
  it('may be as high as the limit, and no higher', () => {
    expect(() => checkPrice({ amount: 500, currency: 'JPY' }, 500)).not.toThrow();
    expect(() => checkPrice({ amount: 501, currency: 'JPY' }, 500)).toThrow(
      expect.objectContaining({
        kind: 'unprocessable',
        code: 'PRODUCT.PRICE_TOO_HIGH',
        errors: [{ path: 'price.amount', message: 'must be at most 500' }],
      }),
    );
  });
});
