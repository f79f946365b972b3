import { fill, revenueOf, wholeBuckets } from './buckets.js';
import type { SalesRow } from './sales.js';

const row = (start: string, currency: string, revenue: bigint, confirmed = 1): SalesRow => ({
  start,
  currency,
  placed: 2,
  confirmed,
  cancelled: 1,
  shipped: 0,
  revenue,
});
const period = (from: string, to: string, bucket: 'hour' | 'day' = 'hour') => ({
  from: new Date(from),
  to: new Date(to),
  bucket,
});

describe('a period of whole buckets', () => {
  it.each([
    [period('2026-01-01T10:20:00Z', '2026-01-01T11:00:01Z'), period('2026-01-01T10:00:00Z', '2026-01-01T12:00:00Z')],
    [period('2026-01-01T10:00:00Z', '2026-01-01T11:00:00Z'), period('2026-01-01T10:00:00Z', '2026-01-01T11:00:00Z')],
    [
      period('2026-01-01T10:00:00Z', '2026-01-02T10:00:00Z', 'day'),
      period('2026-01-01T00:00:00Z', '2026-01-03T00:00:00Z', 'day'),
    ],
  ])('of %j is %j', (asked, whole) => expect(wholeBuckets(asked)).toEqual(whole));
});

describe('filling a period', () => {
  const hours = period('2026-01-01T10:00:00Z', '2026-01-01T13:00:00Z');

  it('returns every bucket, also empty ones, and adds up the counts of all currencies, but not their revenue', () => {
    const rows = [
      row('2026-01-01T12:00:00.000Z', 'EUR', 5n),
      row('2026-01-01T10:00:00.000Z', 'EUR', 7n),
      row('2026-01-01T10:00:00.000Z', 'CHF', -3n),
    ];
    expect(fill(hours, rows)).toEqual([
      {
        start: '2026-01-01T10:00:00.000Z',
        placed: 4,
        confirmed: 2,
        cancelled: 2,
        revenue: [
          { amount: -3n, currency: 'CHF' },
          { amount: 7n, currency: 'EUR' },
        ],
      },
      { start: '2026-01-01T11:00:00.000Z', placed: 0, confirmed: 0, cancelled: 0, revenue: [] },
      {
        start: '2026-01-01T12:00:00.000Z',
        placed: 2,
        confirmed: 1,
        cancelled: 1,
        revenue: [{ amount: 5n, currency: 'EUR' }],
      },
    ]);
  });

  it('uses days if days are requested', () => {
    const days = period('2026-02-27T00:00:00Z', '2026-03-02T00:00:00Z', 'day');
    expect(fill(days, []).map(({ start }) => start)).toEqual([
      '2026-02-27T00:00:00.000Z',
      '2026-02-28T00:00:00.000Z',
      '2026-03-01T00:00:00.000Z',
    ]);
  });
});

describe('revenue', () => {
  it('leaves out currencies without revenue or refunds', () => {
    expect(revenueOf([row('', 'EUR', 0n, 0), row('', 'CHF', 0n, 1), row('', 'USD', -1n, 0)])).toEqual([
      { amount: 0n, currency: 'CHF' },
      { amount: -1n, currency: 'USD' },
    ]);
  });
});
