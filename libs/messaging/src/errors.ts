import { type CodedError } from '@seam/kernel';
import { outageIn, StoreAwayError } from '@seam/persistence';

/** A stream, row or key has changed since it was read: decide again on its current state. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

/** Nothing was written; deciding again on the current state may have another result. */
export const isConflict = (error: unknown): error is ConflictError => error instanceof ConflictError;

/** The connection broke during a commit, so its result is unknown. A retried message finds its mark; a caller repeats the request. */
export const unknownOutcome = (error: unknown): CodedError => outageIn(error) ?? new StoreAwayError(error);
