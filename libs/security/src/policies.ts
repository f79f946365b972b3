import { applyDecorators, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';

/** Who may use a route: anyone; anyone with a valid token; staff only. */
export interface Policy {
  readonly access: 'public' | 'authenticated' | 'staff';
  /** Whether a request's token is checked; routes that need one always check it. */
  readonly token: 'checked' | 'ignored';
}

export const POLICY = 'seam:policy';
/** The same policy in a route's OpenAPI operation, from which the host documents its answers. */
export const POLICY_EXTENSION = 'x-seam-policy';

const policy = (value: Policy): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(POLICY, value), ApiExtension(POLICY_EXTENSION, value.access));

/**
 * Anyone may use it. A valid token sets the caller, none leaves it undefined, and an invalid one is refused (401).
 * With `token: 'ignored'` no token is checked: for log-in and refresh, which a client calls because its token expired.
 */
export const Public = (options: Partial<Pick<Policy, 'token'>> = {}): ClassDecorator & MethodDecorator =>
  policy({ access: 'public', token: options.token ?? 'checked' });

/** Any user with a valid access token. */
export const Authenticated = (): ClassDecorator & MethodDecorator =>
  policy({ access: 'authenticated', token: 'checked' });

/** Whether only staff may use a route, by its method and controller. */
export const isForStaff = (reflector: Reflector, targets: Parameters<Reflector['getAllAndOverride']>[1]): boolean =>
  reflector.getAllAndOverride<Policy | undefined>(POLICY, targets)?.access === 'staff';

/** Staff only: anyone else with a valid token gets 403 `AUTH.FORBIDDEN`. */
export const Staff = (): ClassDecorator & MethodDecorator => policy({ access: 'staff', token: 'checked' });
