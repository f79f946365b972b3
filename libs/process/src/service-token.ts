import type { InjectionToken } from '@nestjs/common';

/** The name of the service that a module is of; injectable in the modules that `serviceModule` makes. */
export const SERVICE = Symbol('service');

const tokens = new Map<InjectionToken, Map<string, symbol>>();

/**
 * The injection token of what one service has of a class, such as its `Committer`; the same at each call. Several services
 * live in one process, and each has one: a module that is global cannot provide it by its class.
 */
export function serviceToken(service: string, part: InjectionToken): symbol {
  const ofPart = tokens.get(part) ?? new Map<string, symbol>();
  tokens.set(part, ofPart);
  const token = ofPart.get(service) ?? Symbol(`${nameOf(part)} of ${service}`);
  ofPart.set(service, token);
  return token;
}

export const nameOf = (part: InjectionToken): string => (typeof part === 'function' ? part.name : String(part));
