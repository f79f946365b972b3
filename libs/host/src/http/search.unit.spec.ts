import { AmountQuery, CurrencyQuery, TimeQuery } from './search.js';

describe('a time to search by', () => {
  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00.123456+02:00', '2026-01-31T10:00:00.123Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('may be %s', (text, time) => {
    expect(TimeQuery.parse(text).toISOString()).toBe(time);
  });

  it.each([
    'yesterday',
    '2026-01-31',
    '2026-01-31T12:00:00',
    '2026-02-30T12:00:00Z',
    '0000-12-31T23:59:59Z',
    '0001-01-01T00:00:00+14:00',
    '9999-12-31T23:59:59-14:00',
    '+010000-01-01T00:00:00Z',
  ])('is not %s', (text) => {
    expect(TimeQuery.safeParse(text).error?.issues[0]?.message).toMatch(/must be an ISO 8601 time/);
  });
});

it.each(['-1', '1.5', 'ten', '9007199254740993', 'NaN'])('%s is not an amount to search by', (text) => {
  expect(AmountQuery.safeParse(text).success).toBe(false);
});

it('a currency to search by is one of ISO 4217', () => {
  expect([CurrencyQuery.safeParse('EUR').success, CurrencyQuery.safeParse('ZZZ').success]).toEqual([true, false]);
});
