import type { CodedError } from '@seam/kernel';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** One call of a service, independent of the instance that gets it. */
export interface Call {
  readonly method: string;
  /** Including the query. */
  readonly path: string;
  /** Alternating names and values. */
  readonly headers: string[];
  /** A stream can be read only once. */
  readonly body: Buffer | Readable | null;
  readonly repeatable: Repeatable;
}

/**
 * Whether it may be retried: always, or only if nothing of it can have been sent, because its body can be read only
 * once, or because its service may have executed it.
 */
export type Repeatable = 'always' | 'unsent';

/** Receives the answer: either `failed`, or `head`, then `data` any number of times, then `end` or `broken`. */
export interface Sink {
  head(status: number, headers: IncomingHttpHeaders): void;
  /** Returns false if no more data may be sent until `resume` is called. */
  data(chunk: Buffer, resume: () => void): boolean;
  end(): void;
  failed(error: CodedError): void;
  broken(): void;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const IDEMPOTENT = new Set(['PUT', 'DELETE']);

/**
 * Whether a request has the same effect if its service receives it twice. A conditional request does not: the first one
 * makes the second one fail.
 *
 * @param keyed whether its route executes repeated requests with the same `Idempotency-Key` only once
 */
export function isIdempotent(method: string, headers: IncomingHttpHeaders, keyed: boolean): boolean {
  if (SAFE.has(method)) return true;
  if (headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined) return false;
  if (IDEMPOTENT.has(method)) return headers['if-none-match'] === undefined;
  return keyed && headers['idempotency-key'] !== undefined;
}
