import { newId } from '@seam/kernel';
import type { Committer } from '@seam/messaging';
import type { Customer, Customers } from './customers.js';

/** One process of the orders service: its copy of the accounts, and the committer that stores them in it. */
export interface CustomersRig {
  readonly customers: Customers;
  readonly committer: Committer;
}

/** The guarantees of every adapter of {@link Customers}. `open` returns two processes on one store. */
export function describeCustomers(name: string, open: () => Promise<readonly [CustomersRig, CustomersRig]>): void {
  describe(`${name}: the copy of the accounts`, () => {
    let one: CustomersRig;
    let other: CustomersRig;
    beforeAll(async () => {
      [one, other] = await open();
    });
    const customer = (more: Partial<Customer> = {}): Customer => {
      const id = newId();
      return { id, name: 'Zoë 🫖', email: `zoë-${id}@bücher.example`, ...more };
    };
    const message = (): { messageId: string; handler: string; correlationId: string } => ({
      messageId: newId(),
      handler: 'orders/keep',
      correlationId: newId(),
    });
    const keep = ({ customers, committer }: CustomersRig, ...kept: Customer[]): Promise<'done' | 'duplicate'> =>
      committer.handle(customers.keep(kept), message());

    it('contains the accounts that were stored, and no others', async () => {
      const [a, b] = [customer(), customer()];
      await keep(one, a, b);
      expect(await other.customers.named([a.id, newId(), b.id])).toEqual(
        new Map([
          [a.id, a],
          [b.id, b],
        ]),
      );
      expect(await one.customers.named([])).toEqual(new Map());
      expect(await one.customers.named([newId()])).toEqual(new Map());
    });

    it('finds one by the complete address, but not by a part of it', async () => {
      const stored = customer();
      await keep(one, stored);
      expect(await other.customers.byEmail(stored.email)).toEqual(stored);
      for (const email of [stored.email.slice(1), stored.email.slice(0, -1), '%', ''])
        expect(await one.customers.byEmail(email)).toBeUndefined();
    });

    it('finds the newest of the accounts with the same address', async () => {
      const [older, newer] = [customer(), customer()].sort((a, b) => (a.id < b.id ? -1 : 1));
      const email = `${newId()}@example.org`;
      await keep(one, { ...newer!, email });
      await keep(one, { ...older!, email });
      expect(await one.customers.byEmail(email)).toEqual({ ...newer, email });
    });

    it('does not change if the same message, or the same account, is repeated', async () => {
      const stored = customer();
      const cause = message();
      await one.committer.handle(one.customers.keep([stored]), cause);
      await other.committer.handle(other.customers.keep([stored]), cause);
      await keep(other, stored, stored);
      expect(await one.customers.named([stored.id])).toEqual(new Map([[stored.id, stored]]));
    });

    it('has an account’s latest data', async () => {
      const stored = customer();
      await keep(one, stored);
      await keep(other, { ...stored, name: 'Zoe', email: 'other@example.org' });
      expect(await one.customers.named([stored.id])).toEqual(
        new Map([[stored.id, { ...stored, name: 'Zoe', email: 'other@example.org' }]]),
      );
      expect(await one.customers.byEmail(stored.email)).toBeUndefined();
    });

    it('accepts the same accounts from two writers at once, in any order', async () => {
      const stored = Array.from({ length: 50 }, () => customer());
      await Promise.all(
        [stored, [...stored].reverse(), stored, [...stored].reverse()].map((page, n) =>
          keep(n % 2 === 0 ? one : other, ...page),
        ),
      );
      const known = await one.customers.named(stored.map(({ id }) => id));
      expect(known).toEqual(new Map(stored.map((each) => [each.id, each])));
    });

    it('accepts a message without accounts', async () => {
      expect(await keep(one)).toBe('done');
    });
  });
}
