import type { CodedError } from '@seam/kernel';
import { refuse } from '@seam/host';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Sink } from '../upstream/call.js';
import { responseHeaders } from './headers.js';

/** An answer up to this size is sent together with its headers: one write of one string to the connection. */
const SMALL_BYTES = 16 * 1024;

/** Streams a service's answer to the client, as fast as the client reads. */
export class ProxiedAnswer implements Sink {
  private left = -1;
  private whole = false;

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly traceId: string,
    /** How long a client may read nothing before its connection is closed, ms. */
    private readonly idleMs: number,
  ) {}

  head(status: number, headers: IncomingHttpHeaders): void {
    const length = headers['content-length'];
    if (length !== undefined) this.left = Number(length);
    this.response.writeHead(status, responseHeaders(headers, this.traceId));
  }

  data(chunk: Buffer, resume: () => void): boolean {
    if (this.left >= 0 && (this.left -= chunk.length) === 0) {
      this.whole = true;
      // Latin 1 encodes each character as one byte, so any bytes are preserved.
      if (chunk.length <= SMALL_BYTES) this.response.end(chunk.toString('latin1'), 'latin1');
      else this.response.end(chunk);
      return true;
    }
    if (this.response.write(chunk)) return true;
    const stuck = setTimeout(() => this.response.destroy(), this.idleMs);
    this.response.once('close', () => clearTimeout(stuck));
    this.response.once('drain', () => {
      clearTimeout(stuck);
      resume();
    });
    return false;
  }

  end(): void {
    if (!this.whole) this.response.end();
  }

  failed(error: CodedError): void {
    refuse(error, this.request, this.response, this.traceId);
  }

  /**
   * Closes the connection without the end of the answer, so that the client does not take the incomplete answer for a
   * complete one.
   */
  broken(): void {
    this.response.destroy();
  }
}
