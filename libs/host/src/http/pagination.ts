import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { invalidRequest } from './validation.pipe.js';

const page = {
  limit: z.coerce
    .number('must be a number')
    .int()
    .min(1)
    .max(100)
    .default(20)
    .describe('Maximum number of items in the answer'),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,1024}$/, 'must be a nextCursor of this list')
    .optional()
    .describe('The nextCursor of the previous page'),
};

/** The query of every list; a list with filters extends it. Anything else in the query is refused. */
export const PageQuery = z.strictObject(page);
export type PageQuery = z.infer<typeof PageQuery>;

/** The answer of a list. */
export const pageOf = <T extends z.ZodType>(
  item: T,
): z.ZodObject<{ items: z.ZodArray<T>; nextCursor: z.ZodNullable<z.ZodString> }> =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().describe('The cursor of the next page; null on the last one'),
  });

export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/** The position of the next page, as a text that is opaque to the caller. */
export const encodeCursor = (position: unknown): string => Buffer.from(JSON.stringify(position)).toString('base64url');

/**
 * The position that a cursor encodes. Its text comes from outside: one that is not exactly as {@link encodeCursor} makes
 * it of a position of this list is `REQUEST.INVALID`, so that no store is searched for a position that no list has.
 */
export function decodeCursor<T>(cursor: string, position: z.ZodType<T>): T {
  const found = jsonOf(cursor);
  const parsed = position.safeParse(found);
  if (parsed.success && isOurs(cursor, found, parsed.data)) return parsed.data;
  throw invalidRequest([{ path: ['cursor'], message: 'must be a nextCursor of this list' }]);
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Only the position, only values that the list reads exactly as written, and in one spelling only. */
const isOurs = (cursor: string, found: unknown, position: unknown): boolean =>
  encodeCursor(found) === cursor &&
  isDeepStrictEqual(JSON.parse(JSON.stringify(position)), found) &&
  textsOf(found).every(isAsWritten);

const textsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
};

const TIME_LIKE = /^[+-]?\d{4,6}-\d{2}-\d{2}T/;
/** Later than the times of any list, and supported by every engine. */
const FAR_OFF = Date.UTC(2200, 0);

/** Times are ISO 8601 in UTC with milliseconds; texts have no control characters and no halves of surrogate pairs. */
function isAsWritten(text: string): boolean {
  if (/[\p{Cc}\p{Cs}]/u.test(text)) return false;
  if (!TIME_LIKE.test(text)) return true;
  const at = Date.parse(text);
  return at >= 0 && at < FAR_OFF && new Date(at).toISOString() === text;
}

/**
 * One page out of up to `limit + 1` rows: the additional row means that there is a next page, which begins after
 * `positionOf` the last row shown.
 */
export function toPage<R, T>(
  rows: readonly R[],
  limit: number,
  positionOf: (row: R) => unknown,
  itemOf: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(positionOf(last)) : null;
  return { items: shown.map(itemOf), nextCursor };
}
