import { CodedError } from '@seam/kernel';

/**
 * The engine did not answer, or cannot work at the moment: the operation may have been done or not, and a later retry
 * may succeed. Outages of all engines are converted to this one error; `cause` is the engine's own error, if there is
 * one.
 */
export class StoreAwayError extends CodedError {
  constructor(cause?: unknown) {
    super('unavailable', 'STORE.UNAVAILABLE', 'The database does not answer; try again');
    this.name = 'StoreAwayError';
    if (cause !== undefined) this.cause = cause;
  }
}

/**
 * Maximum depth to which an error may be wrapped by TypeORM, by the code that cancelled the operation, and by the
 * framework.
 */
const DEEPEST = 5;

/** The outage that caused an error, however it was wrapped; undefined if it was not caused by one. */
export function outageIn(error: unknown): StoreAwayError | undefined {
  let one = error;
  for (let depth = 0; depth < DEEPEST && one instanceof Error; depth += 1) {
    if (one instanceof StoreAwayError) return one;
    one = 'driverError' in one && one.driverError !== one ? one.driverError : one.cause;
  }
  return undefined;
}
