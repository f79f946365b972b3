import { CodedError } from '@seam/kernel';

/** A temporary refusal; the answer says after how many seconds the next attempt may succeed (`Retry-After`). */
export class RetryLaterError extends CodedError {
  constructor(
    code: string,
    message: string,
    readonly retryAfterSeconds: number,
    kind: 'too-many' | 'unavailable' = 'too-many',
  ) {
    super(kind, code, message);
  }
}
