import type { IncomingMessage } from 'node:http';
import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { malformed, tooLarge } from '../upstream/failures.js';

/**
 * The body of a request as a stream, or null if it has none. Its bytes are counted, because the length of a chunked
 * body is only known at its end. It is a stream of its own, so that the client's connection stays open if a service
 * closes its connection. Throws `REQUEST.BODY_TOO_LARGE` if the Content-Length exceeds the limit, and
 * `REQUEST.MALFORMED` if the length is not certain.
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

/**
 * Resolves with the whole body if it is small enough to be kept, otherwise with the body as a stream that is still to
 * be read.
 */
export function kept(body: Readable, most: number): Promise<Buffer | Readable> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    const onReadable = (): void => {
      for (let chunk; (chunk = body.read() as Buffer | null) !== null; size += chunk.length) chunks.push(chunk);
      if (size <= most) return;
      body.off('readable', onReadable).unshift(Buffer.concat(chunks));
      resolve(body);
    };
    body.on('readable', onReadable);
    body.once('end', () => resolve(Buffer.concat(chunks)));
    body.once('error', reject);
    body.once('close', () => reject(new Error('its client closed the connection')));
  });
}

class CountedBody extends Transform {
  private size = 0;

  constructor(private readonly limit: number) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.size += chunk.length;
    if (this.size > this.limit) done(tooLarge(this.limit));
    else done(null, chunk);
  }
}
