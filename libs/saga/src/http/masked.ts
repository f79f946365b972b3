import { isId } from '@seam/kernel';

const HIDDEN = '…';
const FIELD = /^[A-Za-z_][A-Za-z0-9_]{0,49}$/;
/** A number with so many digits may be one of a card, an account or a telephone. */
const LONG_NUMBER = 1e7;

/**
 * Data in the form in which operators see them: the structure, with names of fields, ids (UUIDs), booleans and numbers of
 * up to seven digits. All other texts and numbers are `…`, because a name, an address and a card's token cannot be distinguished from
 * harmless ones.
 */
export function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, of]) => [FIELD.test(name) ? name : HIDDEN, masked(of)]),
    );
  if (typeof value === 'string') return isId(value) ? value : HIDDEN;
  if (typeof value === 'number') return Math.abs(value) < LONG_NUMBER ? value : HIDDEN;
  return typeof value === 'boolean' || value === null || value === undefined ? value : HIDDEN;
}
