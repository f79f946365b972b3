import { eventually } from '@seam/testing';
import { newId } from '@seam/kernel';
import type { DomainEvent, EventStore, ProjectorLoop } from '@seam/event-sourcing';
import type { Order } from '../domain/order.js';
import { cancelled, confirmed, placed } from '../testing/an-order.js';
import type { OrderFinder, OrderQuery } from './order-finder.js';

export interface OrderFinderRig {
  readonly finder: OrderFinder;
  /** Where its orders' events go, and what makes its lists of them. */
  readonly store: EventStore;
  readonly projector: ProjectorLoop;
}

/** What every adapter of {@link OrderFinder} promises. `open` gives one without orders, once. */
export function describeOrderFinder(name: string, open: () => Promise<OrderFinderRig>): void {
  describe(`${name}: the list of orders`, () => {
    let rig: OrderFinderRig;
    const user = newId();
    const ids: string[] = [];
    const at = (second: number): string => new Date(Date.UTC(2026, 10, 22, 9, 30, second)).toISOString();

    async function place(placedAt: string, userId: string, ...more: DomainEvent[]): Promise<string> {
      const orderId = newId();
      const event = { ...placed, at: placedAt, data: { ...placed.data, orderId, userId } };
      await rig.store.append([{ stream: `order-${orderId}`, expectedVersion: 0, events: [event, ...more] }]);
      return orderId;
    }
    const list = async (query: Partial<OrderQuery> = {}): Promise<string[]> =>
      (await rig.finder.list({ limit: 100, ...query })).map(({ id }) => id);

    beforeAll(async () => {
      rig = await open();
      // Ten of a customer, two in each second; one of somebody else.
      for (let n = 0; n < 10; n += 1)
        ids.push(
          await place(at(Math.floor(n / 2)), user, ...(n % 5 === 0 ? [cancelled] : n % 2 === 0 ? [confirmed] : [])),
        );
      await place(at(30), newId());
      await eventually(async () => {
        await rig.projector.catchUp();
        expect(await list()).toHaveLength(11);
      });
    });
    /** Latest first, and of those of one time the higher id. */
    const ordered = (of: readonly string[]): string[] =>
      [...of].sort((a, b) => {
        const [first, second] = [a, b].map((id) => Math.floor(ids.indexOf(id) / 2));
        return second! - first! || (a < b ? 1 : -1);
      });

    it('has the latest first', async () => {
      expect((await list()).slice(1)).toEqual(ordered(ids));
    });

    it('gives orders as their events make them', async () => {
      const [order] = await rig.finder.list({ userId: user, limit: 1, status: 'cancelled' });
      const expected: Partial<Order> = { userId: user, status: 'cancelled', placedAt: at(2), lines: placed.data.lines };
      expect(order).toMatchObject(expected);
    });

    it.each(['pending', 'confirmed', 'cancelled', 'shipped'] as const)(
      'can be of those that are %s',
      async (status) => {
        const of = ids.filter((_, n) => (n % 5 === 0 ? 'cancelled' : n % 2 === 0 ? 'confirmed' : 'pending') === status);
        expect(await list({ status, userId: user })).toEqual(ordered(of));
      },
    );

    it('can be one customer’s, and nobody else’s', async () => {
      expect(await list({ userId: user })).toEqual(ordered(ids));
      expect(await list({ userId: newId() })).toEqual([]);
    });

    it.each([1, 3, 4, 10])(
      'comes in pages of %s, each order once, also where several were placed at one time',
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

    it('made anew is as it was, and goes on from there', async () => {
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
  });
}
