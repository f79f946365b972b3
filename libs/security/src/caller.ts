import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** The caller of a request, from its access token. */
export interface Caller {
  readonly userId: string;
  /** `staff` may use routes for staff; the application defines what other roles may do. */
  readonly role: string;
  readonly email: string;
}

const CALLER = Symbol('seam.caller');

/** A request after the guard. */
type CheckedRequest = Request & { [CALLER]?: Caller };

/** Only the guard calls this, after it has verified the token. */
export const setCaller = (request: Request, caller: Caller): void => {
  (request as CheckedRequest)[CALLER] = caller;
};

const callerOf = (request: Request): Caller | undefined => (request as CheckedRequest)[CALLER];

/**
 * The caller of a route. On an `@Authenticated()` or `@Staff()` route there always is one; on a `@Public()` route it is
 * undefined without a token: declare the parameter as {@link OptionalCaller} there.
 */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): OptionalCaller => {
  return callerOf(context.switchToHttp().getRequest<Request>());
});

export type OptionalCaller = Caller | undefined;
