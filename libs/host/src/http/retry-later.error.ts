import { CodedError } from '@seam/kernel';

/** Too many attempts; the answer says after how many seconds the next one may succeed (`Retry-After`). */
export class RetryLaterError extends CodedError {
  constructor(
    code: string,
    message: string,
    readonly retryAfterSeconds: number,
  ) {
    super('too-many', code, message);
  }
}
