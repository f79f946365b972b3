import type { CodedError } from '@seam/kernel';
import { refuse } from '@seam/host';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Sink } from '../upstream/call.js';
import { responseHeaders } from './headers.js';

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
    // The last piece ends the answer with it: one write to the connection instead of two.
    if (this.left >= 0 && (this.left -= chunk.length) === 0) {
      this.whole = true;
      this.response.end(chunk);
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
