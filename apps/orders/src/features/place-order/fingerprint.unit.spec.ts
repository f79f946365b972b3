import { OrderAggregate } from '../../domain/order.js';
import { fingerprintFor } from './fingerprint.js';

const line = (sku: string, quantity: number) => ({ sku, quantity, unitPrice: { amount: 5, currency: 'EUR' } });
const card = { method: 'card', token: 'tok_visa' } as const;
const [a, b] = [
  { sku: 'A', quantity: 2 },
  { sku: 'B', quantity: 1 },
];
const none = OrderAggregate.initial;

describe('the fingerprint of a request', () => {
  const today = fingerprintFor(none, [b, a], card);

  it('is the same for the same items in any order', () => {
    expect(fingerprintFor(none, [a, b], card)).toBe(today);
  });

  it.each([
    ['quantity', [b, { ...a, quantity: 1 }], card],
    ['item', [b], card],
    ['card', [b, a], { ...card, token: 'tok_slow' }],
  ])('is another one for another %s', (_, items, payment) => {
    expect(fingerprintFor(none, items, payment)).not.toBe(today);
  });

  describe('that repeats an order of version 0.1.0', () => {
    // SHA-256 of [[{"sku":"B","quantity":1},{"sku":"A","quantity":2}],{"method":"card","token":"tok_visa"}]
    const fingerprint = '-cnoDeEB4Qw-JUhwLYvK3bZAi9jibdZJ03--avnzQd8';
    const old = { ...none, fingerprint, lines: [line('B', 1), line('A', 2)] };

    it('is that of the order, whatever the order of its items', () => {
      expect(fingerprintFor(old, [b, a], card)).toBe(fingerprint);
      expect(fingerprintFor(old, [a, b], card)).toBe(fingerprint);
    });

    it.each([
      ['quantity', [{ ...b, quantity: 2 }, a], card],
      ['item', [b, a, { sku: 'C', quantity: 1 }], card],
      ['card', [b, a], { ...card, token: 'tok_slow' }],
    ])('is not with another %s', (_, items, payment) => {
      expect(fingerprintFor(old, items, payment)).not.toBe(fingerprint);
    });
  });
});
