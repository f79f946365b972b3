import { guardDefaults, type GuardOptions } from '@seam/resilience';

/** What a call through the gateway may take. */
export interface GatewayLimits {
  /** For a connection to an instance. */
  readonly connectMs: number;
  /** From the request to the answer's headers. */
  readonly headersMs: number;
  /** Between two pieces of a body, from the service as well as to the client. */
  readonly idleMs: number;
  /** How long an instance that takes no connection is passed over. */
  readonly skipMs: number;
  /** Of a request's body, as the services themselves limit it. */
  readonly bodyBytes: number;
  readonly guard: GuardOptions;
}

/** What they are provided under. */
export const LIMITS = Symbol('GatewayLimits');

export const defaultLimits: GatewayLimits = {
  connectMs: 1_000,
  headersMs: 10_000,
  idleMs: 30_000,
  skipMs: 2_000,
  bodyBytes: 1024 * 1024,
  guard: guardDefaults,
};
