import type { Reservation, StockChange } from './change.js';
import { addUp, decide, type Stock } from './decide.js';
import { move, type StockLevels } from './levels.js';

const stockOf = (levels: Record<string, StockLevels>, reservations: Record<string, Reservation> = {}): Stock => ({
  levels: (sku) => levels[sku],
  reservation: (orderId) => reservations[orderId],
  receipt: () => undefined,
});
const free = (pieces: number): StockLevels => ({ available: pieces, reserved: 0, sold: 0 });
const reserve = (...lines: [string, number][]): StockChange => ({
  type: 'reserve',
  orderId: 'o1',
  lines: lines.map(([sku, quantity]) => ({ sku, quantity })),
});

describe('reserving', () => {
  it('takes every line', () => {
    expect(decide(reserve(['A', 2], ['B', 1]), stockOf({ A: free(5), B: free(1) }))).toEqual({
      result: { outcome: 'done' },
      levels: [
        ['A', { available: 3, reserved: 2, sold: 0 }],
        ['B', { available: 0, reserved: 1, sold: 0 }],
      ],
      reservation: [
        'o1',
        {
          state: 'reserved',
          lines: [
            { sku: 'A', quantity: 2 },
            { sku: 'B', quantity: 1 },
          ],
        },
      ],
    });
  });

  it('takes none if there are too few pieces for one line, and names it', () => {
    expect(decide(reserve(['A', 2], ['B', 3]), stockOf({ A: free(5), B: free(1) }))).toEqual({
      result: { outcome: 'refused', code: 'OUT_OF_STOCK', reason: '3 of B requested, 1 available' },
      levels: [],
    });
  });

  it('names a SKU that is not tracked', () => {
    expect(decide(reserve(['GHOST', 1]), stockOf({})).result).toMatchObject({
      reason: 'No stock is tracked for GHOST',
    });
  });

  it('counts available pieces only, not those that other orders hold', () => {
    const stock = stockOf({ A: { available: 1, reserved: 5, sold: 5 } });
    expect(decide(reserve(['A', 2]), stock).result).toMatchObject({ code: 'OUT_OF_STOCK' });
  });
});

describe('lines of one SKU', () => {
  it('are merged into one line with their sum, in the place of the first', () => {
    const lines = [
      { sku: 'A', quantity: 1 },
      { sku: 'B', quantity: 2 },
      { sku: 'A', quantity: 3 },
    ];
    expect(addUp(lines)).toEqual([
      { sku: 'A', quantity: 4 },
      { sku: 'B', quantity: 2 },
    ]);
  });
});

describe('a reservation without its pieces in the stock', () => {
  it('is a broken invariant, not a refusal', () => {
    const broken = stockOf({ A: free(5) }, { o1: { state: 'reserved', lines: [{ sku: 'A', quantity: 2 }] } });
    expect(() => decide({ type: 'sell', orderId: 'o1' }, broken)).toThrow('cannot move 2 of 0 pieces from reserved');
    expect(() => move(free(1), 2, 'available', 'reserved')).toThrow();
  });
});
