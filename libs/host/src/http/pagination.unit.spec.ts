import { z } from 'zod';
import { decodeCursor, encodeCursor, PageQuery, toPage } from './pagination.js';

const Position = z.tuple([z.iso.datetime(), z.string()]);

it('gives back the position a cursor was made of', () => {
  const position: z.infer<typeof Position> = ['2026-11-22T08:00:00Z', 'ä'];
  const cursor = encodeCursor(position);
  expect(PageQuery.parse({ cursor })).toEqual({ limit: 20, cursor });
  expect(decodeCursor(cursor, Position)).toEqual(position);
});

it.each(['e30', 'bm90IGpzb24', encodeCursor(['x', 1]), encodeCursor({ $ne: null })])(
  'refuses the cursor %s',
  (cursor) => {
    expect(() => decodeCursor(cursor, Position)).toThrow(
      expect.objectContaining({ code: 'REQUEST.INVALID', errors: [expect.objectContaining({ path: 'cursor' })] }),
    );
  },
);

it.each([
  { limit: '0' },
  { limit: '101' },
  { limit: '1.5' },
  { limit: 'x' },
  { limit: '' },
  { sort: 'x' },
  { cursor: '' },
])('refuses %j', (query) => {
  expect(PageQuery.safeParse(query).success).toBe(false);
});

it('tells from one row too many that there is a next page', () => {
  const page = (rows: number[]): unknown => toPage(rows, 2, (row) => row, String);
  expect(page([])).toEqual({ items: [], nextCursor: null });
  expect(page([1, 2])).toEqual({ items: ['1', '2'], nextCursor: null });
  expect(page([1, 2, 3])).toEqual({ items: ['1', '2'], nextCursor: encodeCursor(2) });
});
