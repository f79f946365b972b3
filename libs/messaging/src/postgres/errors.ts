import { StoreAwayError, TransactionRolledBackError } from '@seam/persistence';
import pg from 'pg';
import { ConflictError } from '../errors.js';

const UNIQUE_VIOLATION = '23505';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
/** Raised by our own functions when an expected version is not there. */
const VERSION_CONFLICT = 'SE001';

const codeOf = (error: unknown): string | undefined => (error instanceof pg.DatabaseError ? error.code : undefined);

/** Our own limit for a statement, see `Database`: one that always takes longer must not hold up others for ever. */
const STATEMENT_TIMEOUT = '57014';

/** The server refused this statement: nothing of its transaction was written. */
export function isRefusal(error: unknown): boolean {
  const said = error instanceof StoreAwayError ? error.cause : error;
  if (said instanceof TransactionRolledBackError) return true;
  return said instanceof pg.DatabaseError && (said === error || said.code === STATEMENT_TIMEOUT);
}

/** Nothing was written, and another try may come to something else; or else the store does not answer. */
export const isDefinite = (error: unknown): boolean => isRefusal(error) || !(error instanceof StoreAwayError);

export const isConflict = (error: unknown): boolean =>
  error instanceof ConflictError ||
  [UNIQUE_VIOLATION, SERIALIZATION_FAILURE, DEADLOCK, VERSION_CONFLICT].includes(codeOf(error) ?? '');

/** The mark of a message is there already. */
export const isDuplicateMark = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION && error.constraint === 'inbox_pkey';
