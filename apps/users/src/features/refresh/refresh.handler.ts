import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { CodedError } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import { Sessions } from '../../ports/sessions.js';
import { Users } from '../../ports/users.js';
import { hashToken, newRefreshToken, TokenIssuer } from '../token-issuer.js';
import type { TokensAnswer } from '../tokens.dto.js';

/** Exchanges a refresh token for new tokens; fails with `AUTH.REFRESH_TOKEN_INVALID` if it is not valid any more. */
export class Refresh extends Command<TokensAnswer> {
  constructor(
    readonly refreshToken: string,
    readonly arrivedAt: Date,
  ) {
    super();
  }
}

@CommandHandler(Refresh)
export class RefreshHandler implements ICommandHandler<Refresh> {
  constructor(
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly tokens: TokenIssuer,
    private readonly committer: Committer,
  ) {}

  async execute({ refreshToken, arrivedAt }: Refresh): Promise<TokensAnswer> {
    const next = newRefreshToken();
    const rotation = await this.committer.commit(this.sessions.rotate(hashToken(refreshToken), next, arrivedAt));
    const user = rotation.outcome === 'rotated' ? await this.users.byId(rotation.userId) : undefined;
    if (user === undefined) {
      throw new CodedError('unauthenticated', 'AUTH.REFRESH_TOKEN_INVALID', 'Log in again');
    }
    return this.tokens.answer(user, next);
  }
}
