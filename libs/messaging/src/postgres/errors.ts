import { StoreAwayError } from '@seam/persistence';
import { TransactionRolledBackError } from '@seam/persistence/postgres';
import pg from 'pg';
import { ConflictError } from '../errors.js';

const UNIQUE_VIOLATION = '23505';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
/** Raised by our own functions if an expected version is missing. */
const VERSION_CONFLICT = 'SE001';

const codeOf = (error: unknown): string | undefined => (error instanceof pg.DatabaseError ? error.code : undefined);

/** Our own statement timeout, see `Database`: a statement that always exceeds it must not block others for ever. */
const STATEMENT_TIMEOUT = '57014';

/** The server refused this statement: nothing of its transaction was written. */
export function isRefusal(error: unknown): boolean {
  const said = error instanceof StoreAwayError ? error.cause : error;
  if (said instanceof TransactionRolledBackError) return true;
  return said instanceof pg.DatabaseError && (said === error || said.code === STATEMENT_TIMEOUT);
}

/** Nothing was written, and a retry may have another result; or the store does not answer. */
export const isDefinite = (error: unknown): boolean => isRefusal(error) || !(error instanceof StoreAwayError);

const CONFLICTS = [UNIQUE_VIOLATION, SERIALIZATION_FAILURE, DEADLOCK, VERSION_CONFLICT];

/**
 * Converts the server's error for a conflict between works into a {@link ConflictError}; any other error is returned
 * unchanged.
 */
export const translateConflict = (error: unknown): unknown =>
  CONFLICTS.includes(codeOf(error) ?? '')
    ? new ConflictError('The data that this work was decided on has changed since it was read.', { cause: error })
    : error;

/** The message has a mark already. */
export const isDuplicateMark = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION && error.constraint === 'inbox_pkey';
