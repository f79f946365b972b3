import type { NextFunction, Request, Response } from 'express';

/**
 * What caches may do with an answer to a GET, unless its route says otherwise: keep it, and ask each time whether it is
 * still the same, by the ETag that every one has. Who asks decides what is shown: an answer to a token is its
 * holder's alone, and one without is nobody else's who has one.
 */
export function caching(request: Request, response: Response, next: NextFunction): void {
  if (request.method === 'GET' || request.method === 'HEAD') {
    response.setHeader('Cache-Control', request.headers.authorization === undefined ? 'no-cache' : 'private, no-cache');
    response.vary('Authorization');
    // Meant for caches on the way, and sent by fetch() beside each If-None-Match; Express would take it for a wish to get
    // the whole answer again.
    if (request.headers['if-none-match'] !== undefined) delete request.headers['cache-control'];
  }
  next();
}
