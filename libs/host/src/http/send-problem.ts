import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Problem, problemOf } from './problem.js';
import { RetryLaterError } from './retry-later-error.js';
import { securityHeaders } from './security-headers.js';
import { TRACE_HEADER } from './request-trace.js';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The default: an outage is often over after this time, and a repeated request costs little. */
const RETRY_AFTER_S = '2';

const secure = securityHeaders();

/**
 * Answers with a problem and the headers of its error; if an answer has already started, the connection is closed
 * instead.
 */
export function sendProblem(problem: Problem, error: unknown, response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.setHeader('Cache-Control', 'no-store');
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  if (error instanceof RetryLaterError) response.setHeader('Retry-After', String(error.retryAfterSeconds));
  else if (problem.status === 503) response.setHeader('Retry-After', RETRY_AFTER_S);
  const body = Buffer.from(JSON.stringify(problem));
  response.statusCode = problem.status;
  response.setHeader('Content-Type', PROBLEM_TYPE);
  response.setHeader('Content-Length', body.length);
  response.end(body);
}

/** The same for a request that does not reach the application: with the headers that every answer of a process has. */
export function refuse(error: unknown, request: IncomingMessage, response: ServerResponse, traceId: string): void {
  const problem = problemOf(error, { traceId, instance: request.url?.split('?', 1)[0] ?? '/' });
  if (!response.headersSent) {
    secure(request, response, () => undefined);
    response.setHeader(TRACE_HEADER, traceId);
  }
  sendProblem(problem, error, response);
}
