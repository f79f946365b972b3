import type { NestExpressApplication } from '@nestjs/platform-express';
import type { RequestHandler } from 'express';
import { caching } from './caching.middleware.js';
import { JSON_TYPES, jsonOnly } from './media-type.middleware.js';
import { ProblemFilter } from './problem.filter.js';
import { securityHeaders } from './security-headers.js';
import { validation } from './validation.pipe.js';

const BODY_LIMIT_BYTES = 1024 * 1024;

/**
 * The middleware that runs for every request before its route, in this order: `observers`, security headers, caching,
 * body. The application must be created with `bodyParser: false` and `rawBody: true`: a route that checks a signature
 * reads `request.rawBody`.
 */
export function configureHttp(app: NestExpressApplication, observers: readonly RequestHandler[]): void {
  app.disable('x-powered-by');
  app.use(...observers, securityHeaders(), caching, jsonOnly);
  app.useBodyParser('json', { limit: BODY_LIMIT_BYTES, type: JSON_TYPES });
  app.useGlobalPipes(validation());
  app.useGlobalFilters(new ProblemFilter());
}
