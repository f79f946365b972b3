import type { CodedError } from '@seam/kernel';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** One call of a service, whichever instance gets it. */
export interface Call {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  /** A stream can be read but once. */
  readonly body: Buffer | Readable | null;
  readonly repeatable: Repeatable;
}

/**
 * Whether it may be tried again: always; or only while nothing of it can have been sent, as its body can be read but
 * once, or its service may have done it.
 */
export type Repeatable = 'always' | 'unsent';

/** Where the answer goes. Either `failed`, or `head`, then `data` any number of times, then `end` or `broken`. */
export interface Sink {
  head(status: number, headers: IncomingHttpHeaders): void;
  /** False: no more until `resume` is called. */
  data(chunk: Buffer, resume: () => void): boolean;
  end(): void;
  failed(error: CodedError): void;
  broken(): void;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const IDEMPOTENT = new Set(['PUT', 'DELETE']);

/**
 * Whether a request comes to the same when its service gets it twice. One with a condition does not: the first makes the
 * second fail.
 *
 * @param keyed whether its route does once what comes several times under one `Idempotency-Key`
 */
export function isIdempotent(method: string, headers: IncomingHttpHeaders, keyed: boolean): boolean {
  if (SAFE.has(method)) return true;
  if (headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined) return false;
  if (IDEMPOTENT.has(method)) return headers['if-none-match'] === undefined;
  return keyed && headers['idempotency-key'] !== undefined;
}
