import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { Committer } from '@seam/messaging';
import { Sessions } from '../../ports/sessions.js';
import { hashToken } from '../token-issuer.js';

/** Ends the session of a refresh token. An unknown token ends nothing and gets the same answer. */
export class LogOut extends Command<void> {
  constructor(readonly refreshToken: string) {
    super();
  }
}

@CommandHandler(LogOut)
export class LogOutHandler implements ICommandHandler<LogOut> {
  constructor(
    private readonly sessions: Sessions,
    private readonly committer: Committer,
  ) {}

  async execute({ refreshToken }: LogOut): Promise<void> {
    await this.committer.commit(this.sessions.end(hashToken(refreshToken)));
  }
}
