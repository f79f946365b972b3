import { guardDefaults, type GuardOptions } from '@seam/resilience';

/** The limits of a call through the gateway. */
export interface GatewayLimits {
  /** Maximum time to connect to an instance. */
  readonly connectMs: number;
  /** Maximum time from the request to the answer's headers. */
  readonly headersMs: number;
  /** Maximum time between two chunks of a body, both from the service and to the client. */
  readonly idleMs: number;
  /** After this time without an answer to a call, the instance's health is checked. */
  readonly suspectMs: number;
  /** Maximum time for an instance to answer a health or readiness check. */
  readonly healthCheckMs: number;
  /** Maximum size of a request's body, the same as the services' own limit. */
  readonly bodyBytes: number;
  /** If the request may be repeated, a body up to this size is kept until the answer begins. */
  readonly keptBytes: number;
  readonly guard: GuardOptions;
}

/** The injection token of the limits. */
export const LIMITS = Symbol('GatewayLimits');

export const defaultLimits: GatewayLimits = {
  connectMs: 500,
  suspectMs: 400,
  healthCheckMs: 400,
  headersMs: 10_000,
  idleMs: 30_000,
  bodyBytes: 1024 * 1024,
  keptBytes: 64 * 1024,
  guard: guardDefaults,
};
