import fc from 'fast-check';
import { add, Money, showMoney, times, zero } from './money.js';

const MAX = Number.MAX_SAFE_INTEGER;
const eur = (amount: number): Money => ({ amount, currency: 'EUR' });
const tooLarge = expect.objectContaining({ kind: 'unprocessable', code: 'MONEY.TOO_LARGE' }) as Error;

describe('money', () => {
  it('is exact, or refused', () => {
    const amount = fc.oneof(fc.maxSafeNat(), fc.nat(1_000));
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        for (const [result, exact] of [
          [() => add(eur(a), eur(b)), BigInt(a) + BigInt(b)],
          [() => times(eur(a), b), BigInt(a) * BigInt(b)],
        ] as const) {
          if (exact <= BigInt(MAX)) expect(BigInt(result().amount)).toBe(exact);
          else expect(result).toThrow(tooLarge);
        }
      }),
    );
  });

  it('may be up to 2^53 - 1', () => {
    expect(times(eur(MAX), 1)).toEqual(eur(MAX));
    expect(add(eur(MAX), zero('EUR'))).toEqual(eur(MAX));
    expect(() => times(eur(MAX), 2)).toThrow(tooLarge);
    expect(() => add(eur(MAX), eur(1))).toThrow(tooLarge);
  });

  it.each(['EUR', 'USD', 'JPY', 'KWD', 'ISK', 'XOF', 'XCG', 'ZWG'])('is in %s', (currency) => {
    expect(Money.safeParse({ amount: 1, currency }).success).toBe(true);
  });

  it.each(['ZZZ', 'XXX', 'XTS', 'XAU', 'DEM', 'HRK', 'eur', 'EU', 'EURO', '', 'constructor'])(
    'is in no %j',
    (currency) => {
      expect(Money.safeParse({ amount: 1, currency }).success).toBe(false);
    },
  );

  it.each([
    [1299, 'EUR', '12.99 EUR'],
    [5, 'EUR', '0.05 EUR'],
    [0, 'EUR', '0.00 EUR'],
    [1299, 'JPY', '1299 JPY'],
    [0, 'JPY', '0 JPY'],
    [1299, 'KWD', '1.299 KWD'],
    [7, 'BHD', '0.007 BHD'],
    [1299, 'IQD', '1.299 IQD'],
    [-1299, 'EUR', '-12.99 EUR'],
    [MAX, 'EUR', '90071992547409.91 EUR'],
    [MAX, 'KWD', '9007199254740.991 KWD'],
  ])('shows %d %s as %s', (amount, currency, shown) => {
    expect(showMoney({ amount, currency })).toBe(shown);
  });
});
