import { continueTrace } from '@seam/kernel';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Refusal } from './overload.js';
import { problemOf } from './problem.js';
import { TRACE_HEADER } from './request-trace.js';
import { RetryLaterError } from './retry-later-error.js';
import { securityHeaders } from './security-headers.js';
import { PROBLEM_TYPE } from './send-problem.js';

/**
 * Tells a gateway or balancer that the process is healthy and refused only this request, so that it sends further ones.
 */
export const OVERLOADED_HEADER = 'x-overloaded';

const error = new RetryLaterError('SERVICE.OVERLOADED', 'The service is overloaded; try again later', 0, 'unavailable');
const PROBLEM = problemOf(error, { traceId: '', instance: '' });
const SECURITY = securityHeaderList();
const STATUS = PROBLEM.status;

/**
 * Answers like any other problem, in one write and from prepared parts: this happens thousands of times
 * a second in an overloaded process. The connection stays open, because a new one would cost more than a refusal.
 */
export function refuseForLoad(
  { retryAfterSeconds }: Refusal,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { traceId } = continueTrace(request.headers['traceparent'] as string | undefined);
  const instance = request.url?.split('?', 1)[0] ?? '/';
  const body = Buffer.from(JSON.stringify({ ...PROBLEM, traceId, instance }));
  response.writeHead(STATUS, [
    ...SECURITY,
    ...[TRACE_HEADER, traceId, 'Cache-Control', 'no-store', 'Retry-After', String(retryAfterSeconds)],
    ...[OVERLOADED_HEADER, '1', 'Content-Type', PROBLEM_TYPE, 'Content-Length', String(body.length)],
  ]);
  response.end(body);
}

/** The headers that the middleware sets, the same for each answer: names and values alternate. */
function securityHeaderList(): string[] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  securityHeaders()(request, response, () => undefined);
  return response.getHeaderNames().flatMap((name) => [name, String(response.getHeader(name))]);
}
