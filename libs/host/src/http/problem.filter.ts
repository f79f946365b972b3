import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { outageIn } from '@seam/persistence';
import type { Request, Response } from 'express';
import { problemOf } from './problem.js';
import { sendProblem } from './send-problem.js';
import { TRACE_HEADER } from './request-trace.js';

/** The only place where an error becomes an HTTP answer: `application/problem+json`. Unexpected errors are logged. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const traceId = String(response.getHeader(TRACE_HEADER) ?? '');
    const problem = problemOf(error, { traceId, instance: request.originalUrl.split('?', 1)[0] ?? '/' });
    // An outage of a database is logged once, by its client.
    if (problem.status >= 500 && outageIn(error) === undefined) {
      const route = (request.route as { path?: string } | undefined)?.path ?? 'no route';
      this.logger.error(`${request.method} ${route} failed, trace ${traceId}`, stackOf(error));
    }
    sendProblem(problem, error, response);
  }
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
