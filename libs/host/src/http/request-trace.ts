import { continueTrace, currentTrace, inSpan, isTracing, runInTrace, type Span } from '@seam/kernel';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The answer header with the trace id, to be quoted in questions to the support. */
export const TRACE_HEADER = 'x-trace-id';

/** Requested by machines every few seconds: these are not recorded. */
const UNRECORDED = /^\/(?:health|metrics)(?:[/?]|$)/;

/**
 * Handles a request in the trace of its `traceparent`, or in a new one (W3C Trace Context); where traces are recorded,
 * as a span that lasts until the answer has ended.
 */
export function inRequestTrace(request: IncomingMessage, response: ServerResponse, handle: () => void): void {
  const parent = request.headers['traceparent'] as string | undefined;
  if (isTracing() && !UNRECORDED.test(request.url ?? '')) {
    recorded(parent, request, response, handle);
    return;
  }
  const context = continueTrace(parent);
  response.setHeader(TRACE_HEADER, context.traceId);
  runInTrace(context, handle);
}

/**
 * Names the span of the request being handled by the template of its route, so that ids in paths are not part of names.
 */
export const nameRequest = (method: string, route: string): void => {
  const span = currentTrace()?.span;
  span?.rename(`${method} ${route}`);
  span?.set({ 'http.route': route });
};

function recorded(
  parent: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  handle: () => void,
): void {
  const method = request.method ?? '';
  const attributes = { 'http.request.method': method, 'url.path': request.url?.split('?', 1)[0] };
  void inSpan(method, { kind: 'server', parent, attributes }, (span) => {
    response.setHeader(TRACE_HEADER, currentTrace()?.traceId ?? '');
    const ended = new Promise<void>((resolve) => {
      response.once('close', () => {
        describe(span, request, response);
        resolve();
      });
    });
    handle();
    return ended;
  });
}

function describe(span: Span, request: IncomingMessage, response: ServerResponse): void {
  // Express and Nest store it there.
  const route = (request as { route?: { path?: unknown } }).route?.path;
  if (typeof route === 'string') {
    span.rename(`${request.method ?? ''} ${route}`);
    span.set({ 'http.route': route });
  }
  span.set({ 'http.response.status_code': response.statusCode });
  if (response.statusCode >= 500) span.fail(`answered ${response.statusCode}`);
  else if (!response.writableFinished) span.fail('the connection ended before the answer');
}
