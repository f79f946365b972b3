import { CodedError } from '@seam/kernel';

/**
 * The engine did not answer, or cannot do its work now: what it was asked to do may be done or not, and is worth another
 * try later. The one error that every engine's outages become; `cause` is the engine's own, where there is one.
 */
export class StoreAwayError extends CodedError {
  constructor(cause?: unknown) {
    super('unavailable', 'STORE.UNAVAILABLE', 'The database does not answer; try again');
    this.name = 'StoreAwayError';
    if (cause !== undefined) this.cause = cause;
  }
}

/** How deep an error may be wrapped: by TypeORM, by who broke off, by the framework. */
const DEEPEST = 5;

/** The outage that an error comes of, however it was wrapped on its way; undefined where it comes of none. */
export function outageIn(error: unknown): StoreAwayError | undefined {
  let one = error;
  for (let depth = 0; depth < DEEPEST && one instanceof Error; depth += 1) {
    if (one instanceof StoreAwayError) return one;
    one = 'driverError' in one && one.driverError !== one ? one.driverError : one.cause;
  }
  return undefined;
}
