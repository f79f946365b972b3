import { eventually } from '@seam/testing';
import { type Money, newId } from '@seam/kernel';
import type { DomainEvent, EventStore, ProjectorLoop } from '@seam/event-sourcing';
import type { Order, PricedLine } from '../domain/order.js';
import { cancellationRequested, cancelled, confirmed, eur, placed } from '../testing/an-order.js';
import type { OrderFinder, OrderQuery } from './order-finder.js';

type PlacedData = typeof placed.data;

export interface OrderFinderRig {
  readonly finder: OrderFinder;
  /** The store for its orders' events, and the projector that updates its list. */
  readonly store: EventStore;
  readonly projector: ProjectorLoop;
}

/** The guarantees of every adapter of {@link OrderFinder}. `open` is called once, and returns one without orders. */
export function describeOrderFinder(name: string, open: () => Promise<OrderFinderRig>): void {
  describe(`${name}: the list of orders`, () => {
    let rig: OrderFinderRig;
    const user = newId();
    const ids: string[] = [];
    const at = (second: number): string => new Date(Date.UTC(2026, 10, 22, 9, 30, second)).toISOString();

    async function place(
      placedAt: string,
      userId: string,
      { data = {}, events = [] }: { data?: Partial<PlacedData>; events?: DomainEvent[] } = {},
    ): Promise<string> {
      const orderId = newId();
      const event = { ...placed, at: placedAt, data: { ...placed.data, ...data, orderId, userId } };
      await rig.store.append([{ stream: `order-${orderId}`, expectedVersion: 0, events: [event, ...events] }]);
      return orderId;
    }
    const list = async (query: Partial<OrderQuery> = {}): Promise<string[]> =>
      (await rig.finder.list({ limit: 100, ...query })).map(({ id }) => id);

    beforeAll(async () => {
      rig = await open();
      // Ten orders of one customer, two in each second; one order of another customer.
      for (let n = 0; n < 10; n += 1)
        ids.push(
          await place(at(Math.floor(n / 2)), user, {
            events: n % 5 === 0 ? [cancelled] : n % 2 === 0 ? [confirmed] : [],
          }),
        );
      await place(at(30), newId());
      await eventually(async () => {
        await rig.projector.catchUp();
        expect(await list()).toHaveLength(11);
      });
    });
    /** Latest first; orders of the same time are ordered by id, highest first. */
    const ordered = (of: readonly string[]): string[] =>
      [...of].sort((a, b) => {
        const [first, second] = [a, b].map((id) => Math.floor(ids.indexOf(id) / 2));
        return second! - first! || (a < b ? 1 : -1);
      });

    it('is ordered latest first', async () => {
      expect((await list()).slice(1)).toEqual(ordered(ids));
    });

    it('returns orders in the state made by their events', async () => {
      const [order] = await rig.finder.list({ userId: user, limit: 1, status: 'cancelled' });
      const expected: Partial<Order> = { userId: user, status: 'cancelled', placedAt: at(2), lines: placed.data.lines };
      expect(order).toMatchObject(expected);
    });

    it.each(['pending', 'confirmed', 'cancelled', 'shipped'] as const)(
      'can be filtered by the status %s',
      async (status) => {
        const of = ids.filter((_, n) => (n % 5 === 0 ? 'cancelled' : n % 2 === 0 ? 'confirmed' : 'pending') === status);
        expect(await list({ status, userId: user })).toEqual(ordered(of));
      },
    );

    it('can be limited to one customer', async () => {
      expect(await list({ userId: user })).toEqual(ordered(ids));
      expect(await list({ userId: newId() })).toEqual([]);
    });

    it.each([1, 3, 4, 10])(
      'comes in pages of %s, each order once, even if several were placed at the same time',
      async (limit) => {
        const seen: Order[] = [];
        for (;;) {
          const last = seen.at(-1);
          const before = last === undefined ? undefined : { placedAt: last.placedAt, id: last.id };
          const page = await rig.finder.list({ userId: user, before, limit });
          if (page.length === 0) break;
          expect(page.length).toBeLessThanOrEqual(limit);
          seen.push(...page);
        }
        expect(seen.map(({ id }) => id)).toEqual(ordered(ids));
      },
    );

    it('is the same after a rebuild, and continues from there', async () => {
      const before = await rig.finder.list({ limit: 100 });
      expect(await rig.projector.rebuild()).toBeGreaterThanOrEqual(15);
      expect(await rig.finder.list({ limit: 100 })).toEqual(before);
      const late = await place(at(59), user);
      await eventually(async () => {
        await rig.projector.catchUp();
        expect((await list())[0]).toBe(late);
      });
      ids.push(late);
      expect(await list()).toHaveLength(12);
    });

    describe('searched', () => {
      const [shopper, other] = [newId(), newId()];
      const day = (of: number): string => new Date(Date.UTC(2026, 2, of)).toISOString();
      const line = (sku: string): PricedLine => ({ sku, quantity: 2, unitPrice: eur(100) });
      /** The orders' ids, by their letters in this test. */
      const found: Record<string, string> = {};

      const yen = (amount: number): Money => ({ amount, currency: 'JPY' });
      /** A total of the time before totals had to be exact. */
      const HUGE = 9e20;
      beforeAll(async () => {
        const orders: [string, string, Partial<PlacedData>, DomainEvent[]][] = [
          ['A', shopper, { lines: [line('MUG'), line('TEA')], total: eur(3488) }, [confirmed]],
          ['B', shopper, { lines: [line('MUG')], total: eur(1299) }, []],
          ['C', shopper, { lines: [line('TEA')], total: yen(1299) }, [cancellationRequested]],
          ['D', other, { lines: [line('MUG')], total: eur(5000) }, [confirmed, cancellationRequested]],
          ['E', other, { lines: [line('TEA')], total: eur(HUGE) }, [cancelled]],
        ];
        for (const [index, [letter, userId, data, events]] of orders.entries())
          found[await place(day(index + 1), userId, { data, events })] = letter;
        await eventually(async () => {
          await rig.projector.catchUp();
          expect(await list()).toHaveLength(17);
        });
      });
      const search = async (query: Partial<OrderQuery>): Promise<string> => {
        const orders = await rig.finder.list({ to: new Date(day(10)), limit: 100, ...query });
        return orders.map(({ id }) => found[id]).join('');
      };

      it.each<[string, Partial<OrderQuery>]>([
        ['EDCBA', {}],
        ['DBA', { sku: 'MUG' }],
        ['', { sku: 'MU' }],
        ['', { sku: 'mug' }],
        ['EDCB', { from: new Date(day(2)) }],
        ['EDC', { from: new Date(Date.parse(day(2)) + 1) }],
        ['A', { to: new Date(day(2)) }],
        ['CB', { from: new Date(day(2)), to: new Date(day(4)) }],
        ['EDCBA', { from: new Date('0001-01-01T00:00:00Z') }],
        ['', { from: new Date('9999-12-31T23:59:59.999Z'), to: undefined }],
        ['', { to: new Date('0001-01-01T00:00:00Z') }],
        ['CB', { minAmount: 1299, maxAmount: 1299 }],
        ['B', { minAmount: 1299, maxAmount: 1299, currency: 'EUR' }],
        ['EDA', { minAmount: 1300 }],
        ['', { maxAmount: 1298 }],
        ['E', { minAmount: Number.MAX_SAFE_INTEGER }],
        ['C', { currency: 'JPY' }],
        ['DC', { status: 'cancelling' }],
        ['', { status: 'pending', currency: 'JPY' }],
        ['E', { status: 'cancelled' }],
        ['BA', { sku: 'MUG', userId: shopper }],
        ['D', { sku: 'MUG', status: 'cancelling' }],
        ['A', { sku: 'MUG', userId: shopper, status: 'confirmed', from: new Date(day(1)), to: new Date(day(2)) }],
        ['A', { sku: 'TEA', userId: shopper, minAmount: 1300, maxAmount: 3488, currency: 'EUR', status: 'confirmed' }],
        ['', { sku: 'TEA', userId: other, currency: 'JPY' }],
      ])('finds %p by %j', async (expected, query) => {
        expect(await search(query)).toBe(expected);
      });

      it.each<Partial<OrderQuery>>([
        { sku: 'MUG' },
        { status: 'cancelling' },
        { minAmount: 1299 },
        { from: new Date(day(2)), sku: 'TEA' },
      ])('comes in pages: %j', async (query) => {
        const all = await rig.finder.list({ to: new Date(day(10)), limit: 100, ...query });
        const paged: Order[] = [];
        for (;;) {
          const before = paged.at(-1);
          const [next] = await rig.finder.list({ to: new Date(day(10)), limit: 1, before, ...query });
          if (next === undefined) break;
          paged.push(next);
        }
        expect(paged).toEqual(all);
      });

      it('finds the same orders after a rebuild', async () => {
        await rig.projector.rebuild();
        expect([await search({ sku: 'MUG' }), await search({ minAmount: 1300 })]).toEqual(['DBA', 'EDA']);
      });
    });
  });
}
