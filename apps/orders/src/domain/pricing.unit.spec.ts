import fc from 'fast-check';
import { eur } from '../testing/an-order.js';
import { canBeSold, mergeLines, type Price, priceLines, totalOf } from './pricing.js';

const line = fc.record({
  sku: fc.constantFrom('A', 'B', 'C', 'D'),
  quantity: fc.integer({ min: 1, max: 1_000 }),
});
const lines = fc.array(line, { minLength: 1, maxLength: 100 });
const amounts = fc.tuple(fc.nat(10_000_000), fc.nat(10_000_000), fc.nat(10_000_000), fc.nat(10_000_000));
const pricesOf = (of: readonly number[]): Map<string, Price> =>
  new Map(['A', 'B', 'C', 'D'].map((sku, index) => [sku, { price: eur(of[index] ?? 0), active: true }]));

describe('merging lines', () => {
  it('leaves one line per SKU, in the order in which SKUs first appear, with the sum of the quantities', () => {
    fc.assert(
      fc.property(lines, (given) => {
        const merged = mergeLines(given);
        expect(merged.map(({ sku }) => sku)).toEqual([...new Set(given.map(({ sku }) => sku))]);
        for (const { sku, quantity } of merged) {
          const pieces = given.filter((one) => one.sku === sku).map((one) => one.quantity);
          expect(quantity).toBe(pieces.reduce((a, b) => a + b, 0));
        }
      }),
    );
  });

  it('is idempotent, and does not change its input', () => {
    fc.assert(
      fc.property(lines, (given) => {
        const before = structuredClone(given);
        const merged = mergeLines(given);
        expect(mergeLines(merged)).toEqual(merged);
        expect(given).toEqual(before);
      }),
    );
  });
});

describe('pricing', () => {
  it('has as its total the exact sum over all pieces, merged or not', () => {
    fc.assert(
      fc.property(lines, amounts, (given, of) => {
        const prices = pricesOf(of);
        const exact = given.reduce(
          (sum, { sku, quantity }) => sum + BigInt(prices.get(sku)?.price.amount ?? 0) * BigInt(quantity),
          0n,
        );
        const total = { amount: Number(exact), currency: 'EUR' };
        expect(totalOf(priceLines(given, prices))).toEqual(total);
        expect(totalOf(priceLines(mergeLines(given), prices))).toEqual(total);
      }),
    );
  });

  it('refuses SKUs that are unknown or not for sale, and names each', () => {
    const prices = new Map([
      ['A', { price: eur(1), active: true }],
      ['B', { price: eur(1), active: false }],
    ]);
    const asked = ['A', 'B', 'C'].map((sku) => ({ sku, quantity: 1 }));
    expect(() => priceLines(asked, prices)).toThrow(
      expect.objectContaining({
        code: 'ORDER.UNKNOWN_SKU',
        message: 'Not for sale: B, C',
        errors: [
          { path: 'items', message: 'B is unknown or not for sale' },
          { path: 'items', message: 'C is unknown or not for sale' },
        ],
      }),
    );
  });

  it('refuses a mix of currencies', () => {
    const prices = new Map([
      ['A', { price: eur(1), active: true }],
      ['B', { price: { amount: 1, currency: 'USD' }, active: true }],
    ]);
    const asked = ['A', 'B'].map((sku) => ({ sku, quantity: 1 }));
    expect(() => priceLines(asked, prices)).toThrow(expect.objectContaining({ code: 'ORDER.MIXED_CURRENCIES' }));
    expect(totalOf(priceLines(asked.slice(1), prices))).toEqual({ amount: 1, currency: 'USD' });
  });

  it('refuses prices in an unknown currency', () => {
    const prices = new Map([['A', { price: { amount: 1, currency: 'ZZZ' }, active: true }]]);
    expect(() => priceLines([{ sku: 'A', quantity: 1 }], prices)).toThrow(
      expect.objectContaining({ code: 'ORDER.UNKNOWN_SKU' }),
    );
  });

  it('refuses a sum that cannot be represented exactly, in one line or in total', () => {
    const prices = pricesOf([Number.MAX_SAFE_INTEGER, 1]);
    const twice = [{ sku: 'A', quantity: 2 }];
    const both = ['A', 'B'].map((sku) => ({ sku, quantity: 1 }));
    for (const lines of [twice, both]) {
      expect(() => totalOf(priceLines(lines, prices))).toThrow(
        expect.objectContaining({ kind: 'unprocessable', code: 'MONEY.TOO_LARGE' }),
      );
      expect(canBeSold(lines, prices)).toBe(false);
    }
    expect(canBeSold([{ sku: 'A', quantity: 1 }], prices)).toBe(true);
  });
});
