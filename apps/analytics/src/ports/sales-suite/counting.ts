import { euros, type SalesDriver } from './driver.js';

const from = new Date('2026-01-31T00:00:00Z');
const to = new Date('2026-02-02T00:00:00Z');

/** What is counted, and in which bucket. */
export function counting(driver: () => SalesDriver): void {
  it('are empty at first', async () => {
    expect(await driver().reader.summary()).toEqual({ sales: [], cancellations: {} });
    expect(await driver().reader.sales({ from, to, bucket: 'hour' })).toEqual([]);
  });

  it('count facts in any order, subtract confirmed orders that were cancelled, and have the cancellations by code', async () => {
    const at = '2026-01-31T12:30:00Z';
    await driver().count({ type: 'cancelled', total: euros(700), at, code: 'CUSTOMER_REQUEST', wasConfirmed: true });
    await driver().count({ type: 'confirmed', total: euros(700), at });
    await driver().count({ type: 'confirmed', total: euros(1000), at });
    await driver().count({ type: 'placed', total: euros(700), at });
    await driver().count({ type: 'cancelled', total: euros(5), at, code: 'OUT_OF_STOCK', wasConfirmed: false });
    await driver().count({ type: 'shipped', total: euros(1000), at });
    expect(await driver().reader.summary()).toEqual({
      sales: [{ currency: 'EUR', placed: 1, confirmed: 2, cancelled: 2, shipped: 1, revenue: 1000n }],
      cancellations: { CUSTOMER_REQUEST: 1, OUT_OF_STOCK: 1 },
    });
  });

  it('have the hours and days of a period, separately for each currency', async () => {
    const placed = (at: string, currency = 'EUR'): Promise<unknown> =>
      driver().count({ type: 'placed', total: { amount: 1, currency }, at });
    await placed('2026-01-30T23:59:59.999Z');
    await placed('2026-01-31T00:00:00Z');
    await placed('2026-01-31T23:59:59Z');
    await placed('2026-01-31T23:10:00Z', 'CHF');
    await placed('2026-02-01T10:00:00Z');
    await placed('2026-02-02T00:00:00Z');
    const rows = async (bucket: 'hour' | 'day'): Promise<string[]> => {
      const found = await driver().reader.sales({ from, to, bucket });
      return found.map((row) => `${row.start} ${row.currency} ${row.placed}`).sort();
    };
    expect(await rows('hour')).toEqual([
      '2026-01-31T00:00:00.000Z EUR 1',
      '2026-01-31T23:00:00.000Z CHF 1',
      '2026-01-31T23:00:00.000Z EUR 1',
      '2026-02-01T10:00:00.000Z EUR 1',
    ]);
    expect(await rows('day')).toEqual([
      '2026-01-31T00:00:00.000Z CHF 1',
      '2026-01-31T00:00:00.000Z EUR 2',
      '2026-02-01T00:00:00.000Z EUR 1',
    ]);
  });
}
