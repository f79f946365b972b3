import { masked } from './masked.js';

it('shows structure, ids and small numbers, and no other text', () => {
  const id = '0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50';
  const data = {
    orderId: id,
    payment: { method: 'card', token: 'tok_visa', reusable: false },
    lines: [{ sku: 'MUG', quantity: 2, price: { amount: 1299, currency: 'EUR' } }],
    customer: { name: 'Ada', email: 'ada@seam.local', born: '1815-12-10', phone: 4915112345678 },
    'ada@seam.local': 1,
    note: null,
  };
  expect(masked(data)).toEqual({
    orderId: id,
    payment: { method: '…', token: '…', reusable: false },
    lines: [{ sku: '…', quantity: 2, price: { amount: 1299, currency: '…' } }],
    customer: { name: '…', email: '…', born: '…', phone: '…' },
    '…': 1,
    note: null,
  });
});

it.each([4111111111111111, -12345678, 12345678n])('hides the long number %s', (number) => {
  expect(masked(number)).toBe('…');
});
