import { CommitOutcomeUnknownError, TransactionRolledBackError } from '@seam/persistence';
import pg from 'pg';
import { ConflictError } from '../errors.js';

const UNIQUE_VIOLATION = '23505';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
/** Raised by our own functions when an expected version is not there. */
const VERSION_CONFLICT = 'SE001';

const codeOf = (error: unknown): string | undefined => (error instanceof pg.DatabaseError ? error.code : undefined);

/** The commit was sent, and the server did not say what became of it. */
export class OutcomeUnknownError extends Error {
  constructor(cause: unknown) {
    super(`the connection broke during the commit: ${String(cause)}`, { cause });
    this.name = 'OutcomeUnknownError';
  }
}

/** The server refused this statement: nothing of its transaction was written. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof TransactionRolledBackError || (error instanceof pg.DatabaseError && !endsConnection(error));

/** Nothing was written, and another try may come to something else; or else the store does not answer. */
export const isDefinite = (error: unknown): boolean =>
  isRefusal(error) || !(error instanceof pg.DatabaseError || isConnectionError(error));

export const isConflict = (error: unknown): boolean =>
  error instanceof ConflictError ||
  [UNIQUE_VIOLATION, SERIALIZATION_FAILURE, DEADLOCK, VERSION_CONFLICT].includes(codeOf(error) ?? '');

/** The mark of a message is there already. */
export const isDuplicateMark = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION && error.constraint === 'inbox_pkey';

/** Shutdown, idle or transaction timeout. By code as well: the severity is in the server's language. */
const ENDS_CONNECTION = /^(57P0|25P0[34])/;

const endsConnection = ({ severity, code }: pg.DatabaseError): boolean =>
  severity === 'FATAL' || severity === 'PANIC' || ENDS_CONNECTION.test(code ?? '');

/** What pg says itself of a connection that is gone, closed or not to be had; and the codes of a socket's errors. */
const OF_PG =
  /^(connection terminated|timeout e|client (was closed|has encountered)|query read timeout|cannot use a pool)/i;
const OF_A_SOCKET = /^(E[A-Z]+|ERR_(STREAM|SOCKET)_\w+)$/;

/** Of a work's own errors nothing is known but their words: so only these exact ones are the connection's. */
const isConnectionError = (error: unknown): boolean =>
  error instanceof OutcomeUnknownError ||
  error instanceof CommitOutcomeUnknownError ||
  (error instanceof Error && (OF_PG.test(error.message) || ('code' in error && OF_A_SOCKET.test(String(error.code)))));
