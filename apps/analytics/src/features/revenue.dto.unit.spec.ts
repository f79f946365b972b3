import { RevenueView, revenueView } from './revenue.dto.js';

describe('revenue as it is shown', () => {
  it.each([
    [0n, { amount: 0 }],
    [-1299n, { amount: -1299 }],
    [9_007_199_254_740_991n, { amount: 9_007_199_254_740_991 }],
    [9_007_199_254_740_993n, { amount: 9_007_199_254_740_992, exact: '9007199254740993' }],
    [-9_007_199_254_740_993n, { amount: -9_007_199_254_740_992, exact: '-9007199254740993' }],
    [9_277_415_232_383_220_730n, { amount: 9_277_415_232_383_220_000, exact: '9277415232383220730' }],
  ])('of %d is an exact number, or has its digits beside it', (amount, shown) => {
    const view = revenueView({ amount, currency: 'EUR' });
    expect(view).toEqual({ ...shown, currency: 'EUR' });
    expect(RevenueView.parse(JSON.parse(JSON.stringify(view)))).toEqual(view);
  });
});
