import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { invalidRequest } from './validation.pipe.js';

const KEY = /^[\x21-\x7e]{1,255}$/;

/** The request's `Idempotency-Key`, undefined without one: 1 to 255 printable ASCII characters without spaces. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  const key = context.switchToHttp().getRequest<Request>().header('idempotency-key');
  if (key === undefined || KEY.test(key)) return key;
  throw invalidRequest([
    { path: ['Idempotency-Key'], message: 'must be 1 to 255 printable characters without spaces' },
  ]);
});
