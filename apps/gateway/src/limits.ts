import { guardDefaults, type GuardOptions } from '@seam/resilience';

/** What a call through the gateway may take. */
export interface GatewayLimits {
  /** For a connection to an instance. */
  readonly connectMs: number;
  /** From the request to the answer's headers. */
  readonly headersMs: number;
  /** Between two pieces of a body, from the service as well as to the client. */
  readonly idleMs: number;
  /** How long an instance may leave a call without a word until it is asked whether it lives. */
  readonly suspectMs: number;
  /** For an instance to say that it lives, or that it is ready. */
  readonly sayMs: number;
  /** Of a request's body, as the services themselves limit it. */
  readonly bodyBytes: number;
  /** A body of not more than this is kept until the answer begins, where the request may be repeated. */
  readonly keptBytes: number;
  readonly guard: GuardOptions;
}

/** What they are provided under. */
export const LIMITS = Symbol('GatewayLimits');

export const defaultLimits: GatewayLimits = {
  connectMs: 500,
  suspectMs: 400,
  sayMs: 400,
  headersMs: 10_000,
  idleMs: 30_000,
  bodyBytes: 1024 * 1024,
  keptBytes: 64 * 1024,
  guard: guardDefaults,
};
