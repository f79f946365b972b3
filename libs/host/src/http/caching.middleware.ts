import type { NextFunction, Request, Response } from 'express';

/**
 * What caches may do with an answer to a GET, unless its route says otherwise: store it, and check each time by its ETag
 * whether it is still current. Answers depend on the caller: one to a request with a token is private, and one to a
 * request without a token is not for callers with one.
 */
export function caching(request: Request, response: Response, next: NextFunction): void {
  if (request.method === 'GET' || request.method === 'HEAD') {
    response.setHeader('Cache-Control', request.headers.authorization === undefined ? 'no-cache' : 'private, no-cache');
    response.vary('Authorization');
    // Meant for caches in between, and sent by fetch() with each If-None-Match; Express would take it as a request for the
    // complete answer.
    if (request.headers['if-none-match'] !== undefined) delete request.headers['cache-control'];
  }
  next();
}
