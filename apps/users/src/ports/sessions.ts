import type { Work } from '@seam/messaging';

export interface NewToken {
  /** SHA-256 of the token: what is stored of it. */
  readonly hash: Buffer;
}

export type Rotation = { readonly outcome: 'rotated'; readonly userId: string } | { readonly outcome: 'refused' };

/** Logins and their refresh tokens: a family per login, one usable token at a time. */
export abstract class Sessions {
  /** Begins a family with its first token. */
  abstract begin(userId: string, first: NewToken, now: Date): Work<void>;
  /** Exchanges a token for its successor, as `decideRefresh` says; one of many at a time is the winner. */
  abstract rotate(presented: Buffer, next: NewToken, arrivedAt: Date): Work<Rotation>;
  /** Ends the family of a token; an unknown one ends nothing. */
  abstract end(presented: Buffer): Work<void>;
  abstract endAllOf(userId: string): Work<void>;
}
