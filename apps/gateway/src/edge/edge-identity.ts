import { Injectable } from '@nestjs/common';
import { CodedError } from '@seam/kernel';
import { bearerToken, expiryOf, VerificationKeys, verifyAccessToken } from '@seam/security';
import { LRUCache } from 'lru-cache';

/** Maximum number of remembered tokens: about 10 MB. The least recently used one is removed first. */
const MAX = 20_000;

/**
 * Rejects bad access tokens at the edge. A valid token is remembered until it expires, because verifying a signature
 * takes longer than the rest of a request. The services verify the tokens that are passed on to them again.
 */
@Injectable()
export class EdgeIdentity {
  /** Expiry in ms by token. */
  private readonly known = new LRUCache<string, number>({ max: MAX });

  constructor(private readonly keys: VerificationKeys) {}

  /** Whether this Authorization header contains a token that is known to be valid now. */
  knows(header: string): boolean {
    const token = header.slice(7); // `Bearer `, checked when the token was remembered
    const expires = this.known.get(token);
    return expires !== undefined && Date.now() < expires && header.startsWith('Bearer ');
  }

  /**
   * Rejects with the services' own error if the header contains no valid token. Resolves if the keys cannot be loaded:
   * then each service decides with the keys that it has.
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
