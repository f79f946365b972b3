import type { Work } from '@seam/messaging';

export interface NewToken {
  /** SHA-256 of the token: what is stored of it. */
  readonly hash: Buffer;
}

export type Rotation = { readonly outcome: 'rotated'; readonly userId: string } | { readonly outcome: 'refused' };

/** Whose session it is, and the hash that the password was found to be right by. */
export interface Authenticated {
  readonly id: string;
  readonly passwordHash: string;
}

/** Logins and their refresh tokens: a family per login, one usable token at a time. */
export abstract class Sessions {
  /**
   * Begins a family with its first token, and resolves to whether it has: not where the account has another hash by now,
   * or a login with an old password that took long would outlive the end of all sessions.
   */
  abstract begin(user: Authenticated, first: NewToken, now: Date): Work<boolean>;
  /** Exchanges a token for its successor, as `decideRefresh` says; one of many at a time is the winner. */
  abstract rotate(presented: Buffer, next: NewToken, arrivedAt: Date): Work<Rotation>;
  /** Ends the family of a token; an unknown one ends nothing. */
  abstract end(presented: Buffer): Work<void>;
}
