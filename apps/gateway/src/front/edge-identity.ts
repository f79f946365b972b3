import { Injectable } from '@nestjs/common';
import { CodedError } from '@seam/kernel';
import { bearerToken, expiryOf, VerificationKeys, verifyAccessToken } from '@seam/security';

/** Tokens remembered at most, twice: about 10 MB of them. */
const MOST = 10_000;

/**
 * Turns bad access tokens away at the edge. A token that was good is remembered until it expires, as checking a
 * signature takes longer than all the rest of a request. The services check for themselves what is passed on.
 */
@Injectable()
export class EdgeIdentity {
  /** Expiry in ms by token; what is not asked for while the younger map fills is forgotten. */
  private younger = new Map<string, number>();
  private older = new Map<string, number>();

  constructor(private readonly keys: VerificationKeys) {}

  /** Whether this Authorization header names a token that is known to be good now. */
  knows(header: string): boolean {
    const token = header.slice(7); // `Bearer `, as checked where it was remembered
    let expires = this.younger.get(token);
    if (expires === undefined) {
      expires = this.older.get(token);
      if (expires !== undefined) this.remember(token, expires);
    }
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
      this.remember(token, expiryOf(token));
    } catch (error) {
      if (!(error instanceof CodedError && error.kind === 'unavailable')) throw error;
    }
  }

  private remember(token: string, expires: number): void {
    if (this.younger.size >= MOST) {
      this.older = this.younger;
      this.younger = new Map();
    }
    this.younger.set(token, expires);
  }
}
