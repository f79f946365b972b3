import fc from 'fast-check';
import type { StockChange } from './change.js';
import { decideAll, type StockSnapshot } from './ledger.js';
import { emptyLevels, onHandOf, type StockLevels, totalOf } from './levels.js';

const sku = fc.constantFrom('A', 'B', 'C');
const orderId = fc.constantFrom('o1', 'o2', 'o3', 'o4');
const quantity = fc.integer({ min: 1, max: 4 });
const change: fc.Arbitrary<StockChange> = fc.oneof(
  fc.record({
    type: fc.constant('reserve' as const),
    orderId,
    lines: fc.array(fc.record({ sku, quantity }), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ type: fc.constant('sell' as const), orderId }),
  fc.record({ type: fc.constant('release' as const), orderId }),
  fc.record({ type: fc.constant('expire' as const), orderId }),
  fc.record({ type: fc.constant('open' as const), sku }),
  fc.record({ type: fc.constant('receive' as const), receiptId: fc.constantFrom('r1', 'r2', 'r3'), sku, quantity }),
);

const none: StockSnapshot = { levels: new Map(), reservations: new Map(), receipts: new Map() };
const start: StockSnapshot = {
  ...none,
  levels: new Map(['A', 'B'].map((name) => [name, { available: 6, reserved: 0, sold: 0 }])),
};

/** The state after changes, decided in batches of this size. */
function run(changes: readonly StockChange[], batch: number) {
  let state = start;
  const results = [];
  for (let from = 0; from < changes.length; from += batch) {
    const after = decideAll(changes.slice(from, from + batch), state);
    results.push(...after.results);
    state = {
      levels: new Map([...state.levels, ...after.levels]),
      reservations: new Map([...state.reservations, ...after.reservations]),
      receipts: new Map([...state.receipts, ...after.receipts]),
    };
  }
  return { state, results };
}

const held = (state: StockSnapshot, name: string, which: 'reserved' | 'sold'): number =>
  [...state.reservations.values()]
    .filter((reservation) => reservation.state === which)
    .flatMap((reservation) => reservation.lines)
    .reduce((sum, line) => (line.sku === name ? sum + line.quantity : sum), 0);

const received = (state: StockSnapshot, name: string): number =>
  [...state.receipts.values()].reduce((sum, receipt) => (receipt.sku === name ? sum + receipt.quantity : sum), 0);

describe('any changes of the stock', () => {
  it('never go below zero, and neither lose nor make a piece', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const { state } = run(changes, 40);
        for (const [name, levels] of state.levels) {
          expect(Math.min(...Object.values<number>({ ...levels }))).toBeGreaterThanOrEqual(0);
          const before: StockLevels | undefined = start.levels.get(name);
          expect(totalOf(levels)).toBe((before === undefined ? 0 : totalOf(before)) + received(state, name));
        }
      }),
    );
  });

  it('keep the sum of pieces on hand and sold, if they are changes for orders', () => {
    const forOrders = fc.array(change, { maxLength: 40 }).map((all) => all.filter(({ type }) => type !== 'receive'));
    fc.assert(
      fc.property(forOrders, (changes) => {
        for (const [name, levels] of run(changes, 40).state.levels) {
          const before = start.levels.get(name) ?? emptyLevels;
          expect(onHandOf(levels) + levels.sold).toBe(onHandOf(before) + before.sold);
          expect(levels.available).toBe(onHandOf(levels) - levels.reserved);
        }
      }),
    );
  });

  it('count as reserved and sold exactly the pieces that orders hold', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const { state } = run(changes, 40);
        for (const [name, levels] of state.levels) {
          expect(levels.reserved).toBe(held(state, name, 'reserved'));
          expect(levels.sold).toBe(held(state, name, 'sold'));
        }
      }),
    );
  });

  it('have the same result in one batch as one by one', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), fc.integer({ min: 2, max: 40 }), (changes, batch) => {
        expect(run(changes, batch)).toEqual(run(changes, 1));
      }),
    );
  });

  it('have no effect the second time', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), change, (changes, last) => {
        const once = run([...changes, last], 1);
        const twice = run([...changes, last, last], 1);
        expect(twice.state).toEqual(once.state);
        expect(twice.results.at(-1)).toEqual(once.results.at(-1));
      }),
    );
  });

  it('give an order nothing more once it was released', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), fc.array(change, { maxLength: 20 }), (before, after) => {
        const { state } = run([...before, { type: 'release', orderId: 'o1' }, ...after], 1);
        expect(state.reservations.get('o1')?.state).toBe('released');
      }),
    );
  });
});
