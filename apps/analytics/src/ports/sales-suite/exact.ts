import { euros, type SalesDriver } from './driver.js';

const from = new Date('2026-01-31T00:00:00Z');
const to = new Date('2026-02-01T00:00:00Z');

/** Sums that a JavaScript number cannot represent. */
export function exact(driver: () => SalesDriver): void {
  it('are exact if they need more than 64 bits, in an hour, a day and in total', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    const at = '2026-01-31T12:30:00Z';
    const confirmed = Array.from({ length: 1_030 }, () =>
      driver().count({ type: 'confirmed', total: euros(most), at }),
    );
    await Promise.all([...confirmed, driver().count({ type: 'confirmed', total: euros(2), at })]);
    const takenBack = { type: 'cancelled', code: 'CUSTOMER_REQUEST', wasConfirmed: true, at } as const;
    await driver().count({ ...takenBack, total: euros(most) });
    const revenue = BigInt(most) * 1_029n + 2n;
    expect((await driver().reader.summary()).sales).toMatchObject([{ revenue }]);
    for (const bucket of ['hour', 'day'] as const)
      expect(await driver().reader.sales({ from, to, bucket })).toMatchObject([{ revenue }]);
  });
}
