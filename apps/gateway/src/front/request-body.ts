import type { IncomingMessage } from 'node:http';
import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { malformed, tooLarge } from '../upstream/failures.js';

/**
 * The body of a request, null where it has none, to be streamed on: counted, as only a stream's end tells its length,
 * and apart from the request, so that a service that breaks off leaves the client's connection alone. Throws
 * `REQUEST.BODY_TOO_LARGE` for one that says of itself it is, `REQUEST.MALFORMED` where its length is not certain.
 */
export function bodyOf(request: IncomingMessage, limit: number): Transform | null {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (encoding !== undefined) {
    if (length !== undefined || encoding.toLowerCase() !== 'chunked') throw malformed();
  } else {
    if (length === undefined || length === '0') return null;
    if (!/^\d+$/.test(length)) throw malformed();
    if (Number(length) > limit) throw tooLarge(limit);
  }
  return request.pipe(new CountedBody(limit));
}

/** The whole of a body, where it is small enough to be kept; the body, still to be read, where it is not. */
export function kept(body: Readable, most: number): Promise<Buffer | Readable> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    const look = (): void => {
      for (let chunk; (chunk = body.read() as Buffer | null) !== null; size += chunk.length) chunks.push(chunk);
      if (size <= most) return;
      body.off('readable', look).unshift(Buffer.concat(chunks));
      resolve(body);
    };
    body.on('readable', look);
    body.once('end', () => resolve(Buffer.concat(chunks)));
    body.once('error', reject);
    body.once('close', () => reject(new Error('its client closed the connection')));
  });
}

class CountedBody extends Transform {
  private seen = 0;

  constructor(private readonly limit: number) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.seen += chunk.length;
    if (this.seen > this.limit) done(tooLarge(this.limit));
    else done(null, chunk);
  }
}
