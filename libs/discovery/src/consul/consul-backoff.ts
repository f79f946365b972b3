import type { Backoff } from '@seam/kernel';

/** Delays between attempts while Consul does not answer. */
export const CONSUL_BACKOFF: Backoff = { firstMs: 200, longestMs: 5_000 };
