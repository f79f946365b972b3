import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { RetryLaterError } from '@seam/host';
import { Clock, CodedError } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import { LoginThrottle } from '../../ports/login-throttle.js';
import { PasswordHasher, type VerifyHooks } from '../../ports/password-hasher.js';
import { Sessions } from '../../ports/sessions.js';
import { Users, type UserWithPassword } from '../../ports/users.js';
import { newRefreshToken, TokenIssuer } from '../token-issuer.js';
import type { TokensAnswer } from '../tokens.dto.js';
import type { LogInBody } from './log-in.dto.js';

/**
 * Begins a session. Fails with `AUTH.BAD_CREDENTIALS`, with the same answer after the same time whether the account
 * exists or not, and with `AUTH.TOO_MANY_ATTEMPTS` after ten failures from one address.
 */
export class LogIn extends Command<TokensAnswer> {
  constructor(
    readonly input: LogInBody,
    readonly address: string,
  ) {
    super();
  }
}

@CommandHandler(LogIn)
export class LogInHandler implements ICommandHandler<LogIn> {
  constructor(
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly hasher: PasswordHasher,
    private readonly throttle: LoginThrottle,
    private readonly tokens: TokenIssuer,
    private readonly committer: Committer,
    private readonly clock: Clock,
  ) {}

  async execute({ input, address }: LogIn): Promise<TokensAnswer> {
    // Repeated if the account's hash was changed meanwhile, because it may be the hash of another password.
    for (;;) {
      const { user, outdated } = await this.authenticated(input, address);
      const current = outdated ? await this.rehashed(user, input.password) : user;
      const refreshToken = newRefreshToken();
      if (current && (await this.committer.commit(this.sessions.begin(current, refreshToken, this.clock.now()))))
        return this.tokens.answer(current, refreshToken);
    }
  }

  private async rehashed(user: UserWithPassword, password: string): Promise<UserWithPassword | undefined> {
    const passwordHash = await this.hasher.hash(password);
    const replace = this.users.replacePasswordHash(user.id, user.passwordHash, passwordHash);
    return (await this.committer.commit(replace)) ? { ...user, passwordHash } : undefined;
  }

  private async authenticated(
    { email, password }: LogInBody,
    address: string,
  ): Promise<{ user: UserWithPassword; outdated: boolean }> {
    const user = await this.users.byEmail(email);
    const throttled = this.throttled(`${address} ${email}`);
    await throttled.before();
    // The hasher checks again right before it verifies, so concurrent guesses get hardly more attempts than sequential
    // ones.
    const verdict = await this.hasher.verify(user?.passwordHash, password, throttled);
    if (verdict !== 'wrong' && user !== undefined) return { user, outdated: verdict === 'outdated' };
    throw new CodedError('unauthenticated', 'AUTH.BAD_CREDENTIALS', 'The e-mail address or the password is wrong');
  }

  private throttled(key: string): VerifyHooks {
    return {
      before: async () => {
        const seconds = await this.throttle.waitSeconds(key);
        if (seconds !== undefined) throw new RetryLaterError('AUTH.TOO_MANY_ATTEMPTS', 'Too many attempts', seconds);
      },
      after: (matches) => (matches ? this.throttle.succeeded(key) : this.throttle.failed(key)),
    };
  }
}
