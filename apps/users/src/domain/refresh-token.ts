/** A login lasts this long, however often its tokens are exchanged. */
export const SESSION_DAYS = 30;

/** What is stored of a refresh token and its family, all the tokens of one login. */
export interface StoredToken {
  readonly familyId: string;
  readonly usedAt: Date | undefined;
  readonly revoked: boolean;
  readonly expiresAt: Date;
}

export type RefreshDecision = 'rotate' | 'refuse' | 'revoke-family';

/**
 * What to do with a presented token (RFC 9700, 4.14.2). A used one means that it has two holders, and ends the family;
 * unless it was used only after this request had arrived, at `arrivedAt`: then the same holder sent it twice at once,
 * and the first to come has won.
 */
export function decideRefresh(stored: StoredToken | undefined, now: Date, arrivedAt: Date): RefreshDecision {
  if (stored === undefined || stored.revoked || stored.expiresAt <= now) return 'refuse';
  if (stored.usedAt === undefined) return 'rotate';
  return stored.usedAt >= arrivedAt ? 'refuse' : 'revoke-family';
}
