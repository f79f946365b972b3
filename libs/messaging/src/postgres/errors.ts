import pg from 'pg';

/** A stream, row or key changed since it was read: decide again on what is there now. */
export class ConflictError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConflictError';
  }
}

const UNIQUE_VIOLATION = '23505';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
/** Raised by our own functions when an expected version is not there. */
export const VERSION_CONFLICT = 'SE001';

const codeOf = (error: unknown): string | undefined => (error instanceof pg.DatabaseError ? error.code : undefined);

/** The server refused and nothing was written; anything else (a lost connection) leaves the outcome unknown. */
export const isDefinite = (error: unknown): boolean =>
  error instanceof pg.DatabaseError ? error.severity === 'ERROR' : !isConnectionError(error);

export const isConflict = (error: unknown): boolean =>
  error instanceof ConflictError ||
  [UNIQUE_VIOLATION, SERIALIZATION_FAILURE, DEADLOCK, VERSION_CONFLICT].includes(codeOf(error) ?? '');

/** The mark of a message is there already. */
export const isDuplicateMark = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION && error.constraint === 'inbox_pkey';

const CONNECTION = /connection|ECONN|EPIPE|ETIMEDOUT|timeout|terminated|socket/i;

const isConnectionError = (error: unknown): boolean =>
  error instanceof Error && CONNECTION.test(`${error.message} ${'code' in error ? String(error.code) : ''}`);
