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
  /** Asked for when an attempt is made; it is read once at most. */
  readonly body: Readable | null;
  readonly repeatable: Repeatable;
}

/**
 * Whether it may be tried again: always; only while nothing of it can have been sent, as its body can be read but once
 * or its service may have done it; never.
 */
export type Repeatable = 'always' | 'unsent' | 'never';

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

export function repeatable(method: string, hasBody: boolean, hasIdempotencyKey: boolean): Repeatable {
  if (SAFE.has(method) || (IDEMPOTENT.has(method) && !hasBody)) return hasBody ? 'unsent' : 'always';
  return IDEMPOTENT.has(method) || hasIdempotencyKey ? 'unsent' : 'never';
}
