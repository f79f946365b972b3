import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { CodedError, setActor } from '@seam/kernel';
import type { Request } from 'express';
import { bearerToken, verifyAccessToken } from './access-token.js';
import { setCaller } from './caller.js';
import { POLICY, type Policy } from './policies.js';
import { VerificationKeys } from './verification-keys.js';

/** Checks each HTTP route's policy; messages are not checked, as only services can send them. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly keys: VerificationKeys,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const policy = this.reflector.getAllAndOverride<Policy | undefined>(POLICY, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (policy === undefined) throw new Error(`${context.getClass().name}.${context.getHandler().name} has no policy`);
    if (policy.token === 'ignored') return true;
    return this.check(policy, context.switchToHttp().getRequest<Request>());
  }

  private async check(policy: Policy, request: Request): Promise<boolean> {
    const header = request.headers.authorization;
    if (header === undefined) {
      if (policy.access === 'public') return true;
      throw new CodedError('unauthenticated', 'AUTH.TOKEN_MISSING', 'An access token is needed: Authorization: Bearer');
    }
    const caller = await verifyAccessToken(bearerToken(header), this.keys.get());
    if (policy.access === 'staff' && caller.role !== 'staff') {
      throw new CodedError('forbidden', 'AUTH.FORBIDDEN', 'Only staff may do this');
    }
    setCaller(request, caller);
    setActor({ id: caller.userId, role: caller.role });
    return true;
  }
}
