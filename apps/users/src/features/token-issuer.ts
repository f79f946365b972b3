import { Injectable } from '@nestjs/common';
import { Clock } from '@seam/kernel';
import { accessTokenProfile, issueAccessToken } from '@seam/security';
import { createHash, randomBytes } from 'node:crypto';
import type { User } from '../domain/user.js';
import type { NewToken } from '../ports/sessions.js';
import { SigningKeys } from '../ports/signing-keys.js';
import type { TokensAnswer } from './tokens.dto.js';

/** A new refresh token: the text for its holder, the hash for the store. */
export interface RefreshToken extends NewToken {
  readonly text: string;
}

/** 256 random bits. */
export const newRefreshToken = (): RefreshToken => {
  const text = randomBytes(32).toString('base64url');
  return { text, hash: hashToken(text) };
};

/** Without a salt, because the token is random. */
export const hashToken = (text: string): Buffer => createHash('sha256').update(text).digest();

@Injectable()
export class TokenIssuer {
  constructor(
    private readonly keys: SigningKeys,
    private readonly clock: Clock,
  ) {}

  async answer(user: User, refreshToken: RefreshToken): Promise<TokensAnswer> {
    const caller = { userId: user.id, role: user.role, email: user.email };
    return {
      accessToken: await issueAccessToken(await this.keys.current(), caller, { now: this.clock.now() }),
      refreshToken: refreshToken.text,
      expiresIn: accessTokenProfile.lifetimeSeconds,
      tokenType: 'Bearer',
    };
  }
}
