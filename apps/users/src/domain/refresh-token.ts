/** Maximum duration of a login, however often its tokens are exchanged, days. */
export const SESSION_DAYS = 30;

/** The stored data of a refresh token and its family, which is all tokens of one login. */
export interface StoredToken {
  readonly familyId: string;
  readonly usedAt: Date | undefined;
  readonly revoked: boolean;
  readonly expiresAt: Date;
}

export type RefreshDecision = 'rotate' | 'refuse' | 'revoke-family';

/**
 * Decides about a presented token (RFC 9700, 4.14.2). A token that was already used has two holders, so its whole
 * family is revoked. An exception is a token that was used only after this request had arrived, at `arrivedAt`: then
 * the same holder sent it twice at once, and the first request has won.
 */
export function decideRefresh(stored: StoredToken | undefined, now: Date, arrivedAt: Date): RefreshDecision {
  if (stored === undefined || stored.revoked || stored.expiresAt <= now) return 'refuse';
  if (stored.usedAt === undefined) return 'rotate';
  return stored.usedAt >= arrivedAt ? 'refuse' : 'revoke-family';
}
