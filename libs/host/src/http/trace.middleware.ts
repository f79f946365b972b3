import { continueTrace, runInTrace } from '@seam/kernel';
import type { NextFunction, Request, Response } from 'express';

/** Tells the caller the trace id to quote when asking for help. */
export const TRACE_HEADER = 'x-trace-id';

/** Runs a request in the trace of its `traceparent`, or in a new one (W3C Trace Context). */
export function trace(request: Request, response: Response, next: NextFunction): void {
  const context = continueTrace(request.header('traceparent'));
  response.setHeader(TRACE_HEADER, context.traceId);
  runInTrace(context, () => {
    next();
  });
}
