import { periodOf, SalesQuery } from './view-sales.dto.js';

const now = new Date('2026-01-31T12:00:00Z');
const asked = (query: object) => periodOf(SalesQuery.parse(query), now);

describe('the period of a query', () => {
  it('is the last 24 hours by default', () => {
    expect(asked({})).toEqual({ from: new Date('2026-01-30T12:00:00Z'), to: now, bucket: 'hour' });
  });

  it('begins a day before its end, or ends now, if only one is given', () => {
    expect(asked({ to: '2026-01-10T00:00:00Z' }).from).toEqual(new Date('2026-01-09T00:00:00Z'));
    expect(asked({ from: '2026-01-10T00:00:00Z' }).to).toEqual(now);
  });

  it('understands other offsets', () => {
    expect(asked({ from: '2026-01-31T01:00:00+02:00' }).from).toEqual(new Date('2026-01-30T23:00:00Z'));
  });

  it.each([
    [{ from: '2026-02-01T00:00:00Z' }, 'before to'],
    [{ from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 'before to'],
    [{ from: '2025-10-31T11:59:59Z' }, '92 days'],
    [{ from: '2020-01-01T00:00:00Z', bucket: 'day' }, '1830 days'],
  ])('refuses %j', (query, message) => {
    const refusal = { code: 'REQUEST.INVALID', errors: [{ path: 'from', message: expect.stringContaining(message) }] };
    expect(() => asked(query)).toThrow(expect.objectContaining(refusal));
  });

  it('may be 92 days by the hour, and more by the day', () => {
    expect(() => asked({ from: '2025-10-31T12:00:00Z' })).not.toThrow();
    expect(() => asked({ from: '2025-10-31T11:00:00Z', bucket: 'day' })).not.toThrow();
  });
});
