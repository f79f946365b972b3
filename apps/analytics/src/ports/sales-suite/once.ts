import { addCounts, noCounts, type SalesFact } from '../../domain/sales.js';
import { euros, newCause, type SalesDriver } from './driver.js';

/** Each message is counted once, by however many processes. */
export function once(driver: () => SalesDriver): void {
  it('count a message once, however often and in whichever process it arrives', async () => {
    const cause = newCause();
    const fact: SalesFact = { type: 'confirmed', total: euros(10), at: '2026-01-31T12:00:00Z' };
    const repeated = ([0, 1, 0, 1] as const).map((process) => driver().count(fact, cause, process));
    // Not every adapter can recognise a message that it has counted; only the resulting count matters.
    expect((await Promise.all(repeated)).filter((answer) => answer === 'done')).not.toEqual([]);
    await driver().count(fact);
    expect((await driver().reader.summary()).sales).toMatchObject([{ confirmed: 2, revenue: 20n }]);
  });

  it('lose no count if processes add to the same rows at once', async () => {
    const facts = Array.from({ length: 400 }, (_, i) => someFact(i));
    await Promise.all(facts.map((fact, i) => driver().count(fact, newCause(), i % 14 < 7 ? 0 : 1)));
    const { sales, cancellations } = await driver().reader.summary();
    const { placed, confirmed, cancelled, revenue } = sales.reduce(addCounts, noCounts);
    expect([placed, confirmed, cancelled]).toEqual([160, 160, 80]);
    const worth = (type: string): number =>
      facts.filter((fact) => fact.type === type).reduce((n, fact) => n + fact.total.amount, 0);
    expect(revenue).toBe(BigInt(worth('confirmed') - worth('cancelled')));
    expect(cancellations).toEqual({ C0: 40, C1: 40 });
  });
}

/** Of five: two placed, two confirmed, one cancelled after it was; in two currencies and four hours. */
function someFact(i: number): SalesFact {
  const total = { amount: i, currency: i % 3 === 0 ? 'CHF' : 'EUR' };
  const at = `2026-01-31T1${i % 4}:00:00Z`;
  if (i % 5 === 0) return { type: 'cancelled', total, at, code: `C${i % 2}`, wasConfirmed: true };
  return { type: i % 2 === 0 ? 'placed' : 'confirmed', total, at };
}
