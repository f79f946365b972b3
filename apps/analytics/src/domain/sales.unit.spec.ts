import fc from 'fast-check';
import { hourOf, type SalesFact, tally } from './sales.js';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const at = '2026-01-31T12:34:56.789Z';
const start = '2026-01-31T12:00:00.000Z';
const empty = { placed: 0, confirmed: 0, cancelled: 0, shipped: 0, revenue: 0n };

describe('the hour of a time', () => {
  it.each([
    ['2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:59:59.999Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T23:30:00Z', '2026-01-31T23:00:00.000Z'],
  ])('of %s begins at %s', (time, hour) => expect(hourOf(time)).toBe(hour));
});

describe('a tally', () => {
  it.each<[SalesFact, object]>([
    [{ type: 'placed', total: euros(5), at }, { placed: 1 }],
    [
      { type: 'confirmed', total: euros(5), at },
      { confirmed: 1, revenue: 5n },
    ],
    [{ type: 'shipped', total: euros(5), at }, { shipped: 1 }],
    [{ type: 'cancelled', total: euros(5), at, code: 'X', wasConfirmed: false }, { cancelled: 1 }],
    [
      { type: 'cancelled', total: euros(5), at, code: 'X', wasConfirmed: true },
      { cancelled: 1, revenue: -5n },
    ],
  ])('counts %j', (fact, counts) => {
    expect(tally([fact]).sales).toEqual([{ ...empty, start, currency: 'EUR', ...counts }]);
  });

  it('counts hours and currencies separately, and cancellations by code', () => {
    const cancelled = { type: 'cancelled', total: euros(1), at, wasConfirmed: false } as const;
    const { sales, cancellations } = tally([
      { type: 'placed', total: euros(1), at },
      { type: 'placed', total: { amount: 1, currency: 'CHF' }, at },
      { type: 'placed', total: euros(1), at: '2026-01-31T13:00:00Z' },
      { ...cancelled, code: 'A' },
      { ...cancelled, code: 'B' },
      { ...cancelled, code: 'A' },
    ]);
    expect(sales.map((row) => [row.start, row.currency, row.placed, row.cancelled])).toEqual([
      [start, 'EUR', 1, 3],
      [start, 'CHF', 1, 0],
      ['2026-01-31T13:00:00.000Z', 'EUR', 1, 0],
    ]);
    expect([...cancellations]).toEqual([
      ['A', 2],
      ['B', 1],
    ]);
  });

  it('does not depend on the order of the facts', () => {
    const total = fc.record({ amount: fc.maxSafeNat(), currency: fc.constantFrom('EUR', 'CHF') });
    const time = fc.constantFrom(at, '2026-01-31T13:00:00Z');
    const type = fc.constantFrom('placed', 'confirmed', 'shipped');
    const code = fc.constantFrom('A', 'B');
    const cancelled = fc.constant('cancelled' as const);
    const fact = fc.oneof(
      fc.record({ type, total, at: time }),
      fc.record({ type: cancelled, total, at: time, code, wasConfirmed: fc.boolean() }),
    ) as fc.Arbitrary<SalesFact>;
    const sums = (facts: SalesFact[]): unknown => {
      const { sales, cancellations } = tally(facts);
      return [
        sales.map((row) => JSON.stringify({ ...row, revenue: String(row.revenue) })).sort(),
        [...cancellations].sort(),
      ];
    };
    const shuffled = fc
      .array(fact, { maxLength: 20 })
      .chain((facts) => fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length })));
    fc.assert(fc.property(shuffled, ([facts, other]) => expect(sums(other)).toEqual(sums(facts))));
  });
});
