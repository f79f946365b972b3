import { Injectable } from '@nestjs/common';
import { CodedError } from '@seam/kernel';
import { bearerToken, expiryOf, VerificationKeys, verifyAccessToken } from '@seam/security';
import { LRUCache } from 'lru-cache';

/** Tokens remembered at most: about 10 MB of them. The one that was not asked for the longest goes first. */
const MOST = 20_000;

/**
 * Turns bad access tokens away at the edge. A token that was good is remembered until it expires, as checking a
 * signature takes longer than all the rest of a request. The services check for themselves what is passed on.
 */
@Injectable()
export class EdgeIdentity {
  /** Expiry in ms by token. */
  private readonly known = new LRUCache<string, number>({ max: MOST });

  constructor(private readonly keys: VerificationKeys) {}

  /** Whether this Authorization header names a token that is known to be good now. */
  knows(header: string): boolean {
    const token = header.slice(7); // `Bearer `, as checked where it was remembered
    const expires = this.known.get(token);
    return expires !== undefined && Date.now() < expires && header.startsWith('Bearer ');
  }

  /**
   * Rejects as the services do, where the header names no valid token. Where the keys cannot be had it resolves: then
   * each service decides by the keys it has.
   */
  async check(header: string): Promise<void> {
    try {
      const token = bearerToken(header);
      await verifyAccessToken(token, this.keys.get());
      this.known.set(token, expiryOf(token));
    } catch (error) {
      if (!(error instanceof CodedError && error.kind === 'unavailable')) throw error;
    }
  }
}
