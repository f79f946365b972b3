import type { CodedError } from '@seam/kernel';
import { refuse } from '@seam/host';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Sink } from '../upstream/call.js';
import { responseHeaders } from './headers.js';

/** What is not more than this goes out in one piece with the headers: one write, of one string, to the connection. */
const SMALL_BYTES = 16 * 1024;

/** Streams a service's answer to the client, as fast as the client reads. */
export class ProxiedAnswer implements Sink {
  private left = -1;
  private whole = false;

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly traceId: string,
    /** How long a client may take nothing before it is given up. */
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
      // Latin 1 is one byte for each character, whatever the bytes mean.
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

  /** The client must not take what it has got for the whole: its connection ends without the end of the answer. */
  broken(): void {
    this.response.destroy();
  }
}
