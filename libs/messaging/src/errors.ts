import { type CodedError } from '@seam/kernel';
import { outageIn, StoreAwayError } from '@seam/persistence';

/** A stream, row or key changed since it was read: decide again on what is there now. */
export class ConflictError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConflictError';
  }
}

/** The connection broke under a commit: it may stand or not. A message finds out by its mark; a caller asks again. */
export const unknownOutcome = (error: unknown): CodedError => outageIn(error) ?? new StoreAwayError(error);
