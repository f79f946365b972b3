import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { CodedError, newId } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import type { User } from '../../domain/user.js';
import { PasswordHasher } from '../../ports/password-hasher.js';
import { PasswordStrength } from '../../ports/password-strength.js';
import { Users } from '../../ports/users.js';
import type { RegisterBody } from './register.dto.js';

/** Opens a customer's account. Fails with `USER.EMAIL_TAKEN` or `USER.PASSWORD_TOO_COMMON`. */
export class Register extends Command<User> {
  constructor(readonly input: RegisterBody) {
    super();
  }
}

@CommandHandler(Register)
export class RegisterHandler implements ICommandHandler<Register> {
  constructor(
    private readonly users: Users,
    private readonly strength: PasswordStrength,
    private readonly hasher: PasswordHasher,
    private readonly committer: Committer,
  ) {}

  async execute({ input: { email, password, name } }: Register): Promise<User> {
    await this.strength.check(password, [email, name]);
    // Checked first only to save the hashing; if two requests arrive at once, the unique index accepts one of them.
    if ((await this.users.byEmail(email)) !== undefined) {
      throw new CodedError('conflict', 'USER.EMAIL_TAKEN', 'There is already an account with this e-mail address');
    }
    const user: User = { id: newId(), email, name, role: 'customer' };
    await this.committer.commit(this.users.add({ ...user, passwordHash: await this.hasher.hash(password) }));
    return user;
  }
}
