import type { Backoff } from '@seam/kernel';

/** Between the tries of a Consul that does not answer. */
export const CONSUL_BACKOFF: Backoff = { firstMs: 200, longestMs: 5_000 };
