import { z } from 'zod';
import { decodeCursor, encodeCursor, PageQuery, toPage } from './pagination.js';

const Position = z.tuple([z.iso.datetime(), z.string()]);

it('returns the position that a cursor encodes', () => {
  const position: z.infer<typeof Position> = ['2026-11-22T08:00:00.000Z', 'ä'];
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

describe('a cursor that this list did not make', () => {
  const At = z.object({ at: z.iso.datetime(), id: z.uuid().lowercase() });
  const Died = z.object({ at: z.coerce.date(), name: z.string() });
  const at = '2026-11-22T08:00:00.000Z';
  const id = '0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50';
  const base64url = (text: string): string => Buffer.from(text).toString('base64url');

  it('is distinguished from one that it made', () => {
    expect(decodeCursor(encodeCursor({ id, at }), At)).toEqual({ at, id });
    expect(decodeCursor(encodeCursor({ at: new Date(at), name: 'ä 1' }), Died)).toEqual({
      at: new Date(at),
      name: 'ä 1',
    });
  });

  it.each<[string, string, z.ZodType]>([
    ['the year 0', encodeCursor({ at: '0000-01-01T00:00:00Z', id }), At],
    ['the year 0, spelt out', encodeCursor({ at: '0000-01-01T00:00:00.000Z', id }), At],
    ['the year 9999', encodeCursor({ at: '9999-12-31T23:59:59.999Z', id }), At],
    ['500 digits of a fraction', encodeCursor({ at: `2026-11-22T08:00:00.${'1'.repeat(500)}Z`, id }), At],
    ['a day that is none', encodeCursor({ at: '2026-02-30T08:00:00.000Z', id }), At],
    ['an id in upper case', encodeCursor({ at, id: id.toUpperCase() }), At],
    ['something beside the position', encodeCursor({ at, id, limit: 1 }), At],
    ['a key twice', base64url(`{"at":"${at}","id":"${id}","id":"${id}"}`), At],
    ['spaces', base64url(`{"at": "${at}", "id": "${id}"}`), At],
    ['bits behind its end', `${encodeCursor({ at, id })}AA`, At],
    ['a number for a time', encodeCursor({ at: 5, name: 'x' }), Died],
    ['nothing for a time', encodeCursor({ at: null, name: 'x' }), Died],
    ['a time of another age', encodeCursor({ at: '-271821-04-20T00:00:00.000Z', name: 'x' }), Died],
    ['a control character', encodeCursor({ at, name: 'a\0b' }), Died],
    ['half a character', encodeCursor({ at, name: 'a\ud800' }), Died],
  ])('is refused: %s', (_, cursor, position) => {
    expect(() => decodeCursor(cursor, position)).toThrow(expect.objectContaining({ code: 'REQUEST.INVALID' }));
  });
});

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

it('detects by one additional row that there is a next page', () => {
  const page = (rows: number[]): unknown => toPage(rows, 2, (row) => row, String);
  expect(page([])).toEqual({ items: [], nextCursor: null });
  expect(page([1, 2])).toEqual({ items: ['1', '2'], nextCursor: null });
  expect(page([1, 2, 3])).toEqual({ items: ['1', '2'], nextCursor: encodeCursor(2) });
});
