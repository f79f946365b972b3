import type { Work } from '@seam/messaging';

export interface NewToken {
  /** SHA-256 of the token; only this is stored. */
  readonly hash: Buffer;
}

export type Rotation = { readonly outcome: 'rotated'; readonly userId: string } | { readonly outcome: 'refused' };

/** The account of the session, and the hash that the password was verified against. */
export interface Authenticated {
  readonly id: string;
  readonly passwordHash: string;
}

/** Logins and their refresh tokens: a family of tokens per login, of which one is usable at a time. */
export abstract class Sessions {
  /**
   * Begins a family with its first token. Resolves with false, without an effect, if the account's hash has changed
   * meanwhile: otherwise a slow login with an old password could survive the end of all sessions.
   */
  abstract begin(user: Authenticated, first: NewToken, now: Date): Work<boolean>;
  /**
   * Exchanges a token for its successor, as `decideRefresh` says; if a token is presented several times at once, one
   * request wins.
   */
  abstract rotate(presented: Buffer, next: NewToken, arrivedAt: Date): Work<Rotation>;
  /** Ends the family of a token; an unknown token has no effect. */
  abstract end(presented: Buffer): Work<void>;
}
