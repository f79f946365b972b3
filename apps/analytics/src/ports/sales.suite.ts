import { newId } from '@seam/kernel';
import { type Cause, type Committer, type Work, work } from '@seam/messaging';
import type { SalesFact } from '../domain/sales.js';
import { SalesKind, type SalesReader } from './sales.js';

/** One process's way to the sales. */
export interface SalesProcess {
  readonly committer: Committer;
  readonly sales: SalesReader;
}

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const cause = (): Cause => ({ messageId: newId(), handler: 'test/sales', correlationId: newId() });
const asWork = (fact: SalesFact): Work => work(SalesKind, fact, () => ({ value: undefined, messages: [] }));
const from = new Date('2026-01-31T00:00:00Z');
const to = new Date('2026-02-02T00:00:00Z');

/** What every adapter of the sales port keeps; `setUp` gives two processes over no sales before each test. */
export function describeSales(adapter: string, setUp: () => Promise<readonly [SalesProcess, SalesProcess]>): void {
  describe(`the sales in ${adapter}`, () => {
    let processes: readonly [SalesProcess, SalesProcess];
    const handle = (fact: SalesFact, index = 0, by = cause()): Promise<string> =>
      processes[index % 2 === 0 ? 0 : 1].committer.handle(asWork(fact), by);
    const read = (): SalesReader => processes[1].sales;

    beforeEach(async () => {
      processes = await setUp();
    });

    it('knows nothing at first', async () => {
      expect(await read().summary()).toEqual({ sales: [], cancellations: {} });
      expect(await read().sales({ from, to, bucket: 'hour' })).toEqual([]);
    });

    it('counts what happened, takes back what was confirmed and cancelled, and tells why', async () => {
      const at = '2026-01-31T12:30:00Z';
      await handle({ type: 'cancelled', total: euros(700), at, code: 'CUSTOMER_REQUEST', wasConfirmed: true });
      await handle({ type: 'confirmed', total: euros(700), at });
      await handle({ type: 'confirmed', total: euros(1000), at });
      await handle({ type: 'placed', total: euros(700), at });
      await handle({ type: 'cancelled', total: euros(5), at, code: 'OUT_OF_STOCK', wasConfirmed: false });
      await handle({ type: 'shipped', total: euros(1000), at });
      expect(await read().summary()).toEqual({
        sales: [{ currency: 'EUR', placed: 1, confirmed: 2, cancelled: 2, shipped: 1, revenue: 1000 }],
        cancellations: { CUSTOMER_REQUEST: 1, OUT_OF_STOCK: 1 },
      });
    });

    it('gives hours and days of the period only, currencies apart', async () => {
      const placed = (at: string, currency = 'EUR'): Promise<string> =>
        handle({ type: 'placed', total: { amount: 1, currency }, at });
      await placed('2026-01-30T23:59:59.999Z');
      await placed('2026-01-31T00:00:00Z');
      await placed('2026-01-31T23:59:59Z');
      await placed('2026-01-31T23:10:00Z', 'CHF');
      await placed('2026-02-01T10:00:00Z');
      await placed('2026-02-02T00:00:00Z');
      const rows = async (bucket: 'hour' | 'day'): Promise<string[]> =>
        (await read().sales({ from, to, bucket })).map((row) => `${row.start} ${row.currency} ${row.placed}`).sort();
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

    it('counts a message once, however often and wherever it comes', async () => {
      const once = cause();
      const fact: SalesFact = { type: 'confirmed', total: euros(10), at: '2026-01-31T12:00:00Z' };
      const answers = await Promise.all([0, 1, 2, 3].map((index) => handle(fact, index, once)));
      expect(answers.sort()).toEqual(['done', 'duplicate', 'duplicate', 'duplicate']);
      await handle(fact);
      expect((await read().summary()).sales).toMatchObject([{ confirmed: 2, revenue: 20 }]);
    });

    it('loses no count where processes add to the same rows at once', async () => {
      const facts = Array.from({ length: 400 }, (_, i): SalesFact => {
        const total = { amount: i, currency: i % 3 === 0 ? 'CHF' : 'EUR' };
        const at = `2026-01-31T1${i % 4}:00:00Z`;
        if (i % 5 === 0) return { type: 'cancelled', total, at, code: `C${i % 2}`, wasConfirmed: true };
        return { type: i % 2 === 0 ? 'placed' : 'confirmed', total, at };
      });
      await Promise.all(facts.map((fact, index) => handle(fact, Math.floor(index / 7))));
      const { sales, cancellations } = await read().summary();
      const sum = (of: (row: (typeof sales)[number]) => number): number => sales.reduce((n, row) => n + of(row), 0);
      expect([sum((row) => row.placed), sum((row) => row.confirmed), sum((row) => row.cancelled)]).toEqual([
        160, 160, 80,
      ]);
      const earned = (type: string): number =>
        facts.filter((fact) => fact.type === type).reduce((n, fact) => n + fact.total.amount, 0);
      expect(sum((row) => row.revenue)).toBe(earned('confirmed') - earned('cancelled'));
      expect(cancellations).toEqual({ C0: 40, C1: 40 });
    });
  });
}
