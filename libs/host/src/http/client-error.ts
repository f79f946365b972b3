import { continueTrace } from '@seam/kernel';
import { type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Problem } from './problem.js';
import { PROBLEM_TYPE } from './send-problem.js';
import { TRACE_HEADER } from './request-trace.js';

/** Requests that Node's parser refuses, by its code: ambiguous lengths, folded lines, late or endless headers. */
const KNOWN: Readonly<Record<string, Pick<Problem, 'status' | 'code' | 'detail'>>> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'REQUEST.HEADERS_TOO_LARGE', detail: 'The headers are too large' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, code: 'REQUEST.BODY_TOO_LARGE', detail: 'The body is too large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'REQUEST.TIMEOUT', detail: 'The request took too long to arrive' },
};
const MALFORMED = { status: 400, code: 'REQUEST.MALFORMED', detail: 'This is not a valid HTTP request' };

/**
 * Answers requests that the server's parser refuses with a problem, and closes their connection: nothing after them is
 * read.
 */
export function answerClientErrors(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex & { _httpMessage?: Answering }) => {
    // This answer must not become part of the body of another answer in progress on the same connection.
    if (error.code === 'ECONNRESET' || !socket.writable || socket._httpMessage?._headerSent === true) {
      socket.destroy();
      return;
    }
    socket.end(answerTo(error.code ?? ''), () => socket.destroy());
  });
}

interface Answering {
  readonly _headerSent?: boolean;
}

function answerTo(nodeCode: string): string {
  const { status, code, detail } = KNOWN[nodeCode] ?? MALFORMED;
  const title = STATUS_CODES[status] ?? 'Error';
  const { traceId } = continueTrace(undefined);
  const body = JSON.stringify({ type: 'about:blank', title, status, detail, code, traceId, instance: '' });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `${TRACE_HEADER}: ${traceId}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
