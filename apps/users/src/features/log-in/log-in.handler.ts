import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { RetryLaterError } from '@seam/host';
import { Clock, CodedError } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import { LoginThrottle } from '../../domain/login-throttle.js';
import { PasswordHasher, type Turn } from '../../ports/password-hasher.js';
import { Sessions } from '../../ports/sessions.js';
import { Users, type UserWithPassword } from '../../ports/users.js';
import { newRefreshToken, TokenIssuer } from '../token-issuer.js';
import type { TokensAnswer } from '../tokens.dto.js';
import type { LogInBody } from './log-in.dto.js';

/**
 * Begins a session. Fails with `AUTH.BAD_CREDENTIALS`, the same and after the same time whether there is such an account
 * or not, and with `AUTH.TOO_MANY_ATTEMPTS` after ten failures from one address.
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
    const user = await this.authenticated(input, address);
    if (this.hasher.isOutdated(user.passwordHash)) {
      const passwordHash = await this.hasher.hash(input.password);
      await this.committer.commit(this.users.setPasswordHash(user.id, passwordHash));
    }
    const refreshToken = newRefreshToken();
    await this.committer.commit(this.sessions.begin(user.id, refreshToken, this.clock.now()));
    return this.tokens.answer(user, refreshToken);
  }

  private async authenticated({ email, password }: LogInBody, address: string): Promise<UserWithPassword> {
    const user = await this.users.byEmail(email);
    const turn = this.guess(`${address} ${email}`);
    turn.begin();
    // Again when its turn has come: of many guesses at once, hardly more get through than one after the other.
    const matches = await this.hasher.verify(user?.passwordHash, password, turn);
    if (matches && user !== undefined) return user;
    throw new CodedError('unauthenticated', 'AUTH.BAD_CREDENTIALS', 'E-mail address or password are wrong');
  }

  private guess(key: string): Turn {
    return {
      begin: () => {
        const seconds = this.throttle.waitSeconds(key, this.clock.now());
        if (seconds !== undefined) throw new RetryLaterError('AUTH.TOO_MANY_ATTEMPTS', 'Too many attempts', seconds);
      },
      end: (matches) => {
        if (matches) this.throttle.succeeded(key);
        else this.throttle.failed(key, this.clock.now());
      },
    };
  }
}
