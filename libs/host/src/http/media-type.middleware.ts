import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

/** The media types of request bodies; the parser reads exactly these. */
export const JSON_TYPES = ['application/json', 'application/*+json'];

/** Refuses a body that is not JSON: the parser would ignore it, and the route would treat it as missing. */
export function jsonOnly(request: Request, _response: Response, next: NextFunction): void {
  const { 'transfer-encoding': encoding, 'content-length': length = '0' } = request.headers;
  const hasBody = encoding !== undefined || length !== '0';
  if (hasBody && !request.is(JSON_TYPES)) {
    next(new UnsupportedMediaTypeException('The body must be JSON, with content-type application/json'));
    return;
  }
  next();
}
