import type { CodedError } from '@seam/kernel';
import type { IncomingHttpHeaders } from 'node:http';
import type { Sink } from './call.js';
import { lost, tookTooLong } from './failures.js';
import type { Target } from './target.js';

/** A service's complete answer, parsed if it is JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Ask {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  /** Sent as JSON; undefined for none. */
  readonly body?: unknown;
  /** The trace of the request for which this call is made. */
  readonly traceparent?: string | undefined;
  readonly authorization?: string | undefined;
  /** Less than the gateway's own limit, for a caller that waits for several answers. */
  readonly withinMs?: number;
}

const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Calls a service for the gateway itself, through the same guard as the clients' calls. Rejects with a {@link
 * CodedError}.
 */
export function ask(
  target: Target,
  { method = 'GET', path, body: sent, traceparent, authorization, withinMs }: Ask,
): Promise<Answer> {
  const headers = ['accept', 'application/json'];
  if (traceparent !== undefined) headers.push('traceparent', traceparent);
  if (authorization !== undefined) headers.push('authorization', authorization);
  const body = sent === undefined ? null : Buffer.from(JSON.stringify(sent));
  if (body !== null) headers.push('content-type', 'application/json', 'content-length', String(body.length));
  return new Promise((resolve, reject) => {
    const collected = new Collected(target.name, resolve, reject);
    const repeatable = method === 'GET' ? 'always' : 'unsent';
    // Before the call, which may fail before it returns.
    if (withinMs !== undefined) {
      const late = setTimeout(() => {
        collected.giveUp();
        collected.failed(tookTooLong(target.name));
      }, withinMs);
      collected.ended = () => clearTimeout(late);
    }
    collected.giveUp = target.send({ method, path, headers, body, repeatable }, collected);
  });
}

class Collected implements Sink {
  giveUp: () => void = () => undefined;
  ended: () => void = () => undefined;
  private status = 0;
  private bytes = 0;
  private readonly chunks: Buffer[] = [];

  constructor(
    private readonly service: string,
    private readonly resolve: (answer: Answer) => void,
    private readonly reject: (error: CodedError) => void,
  ) {}

  head(status: number, _headers: IncomingHttpHeaders): void {
    this.status = status;
  }

  data(chunk: Buffer): boolean {
    this.bytes += chunk.length;
    if (this.bytes <= MAX_BYTES) this.chunks.push(chunk);
    else {
      this.giveUp();
      this.broken();
    }
    return true;
  }

  end(): void {
    this.ended();
    this.resolve({ status: this.status, body: parsed(Buffer.concat(this.chunks)) });
  }

  failed(error: CodedError): void {
    this.ended();
    this.reject(error);
  }

  broken(): void {
    this.failed(lost(this.service));
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
