/** What an expected failure means to a caller; the edge maps each to one HTTP status, in one place. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  /** The state has changed since the caller read it. */
  | 'precondition-failed'
  | 'unprocessable'
  | 'too-large'
  | 'too-many'
  | 'unavailable'
  /** Another service, called on the caller's behalf, gave no usable answer. */
  | 'bad-answer'
  /** Another service, called on the caller's behalf, took too long. */
  | 'timed-out';

/** An expected failure with a stable code such as `INVOICE.ALREADY_PAID`; its message is safe to show to the caller. */
export class CodedError extends Error {
  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    readonly errors?: readonly { path: string; message: string }[],
  ) {
    super(message);
    this.name = 'CodedError';
  }
}

/** Marks a switch that must handle every case: a new case is a compile error here, and an unknown value throws. */
export function unreachable(value: never): never {
  throw new Error(`unexpected case: ${JSON.stringify(value)}`);
}
