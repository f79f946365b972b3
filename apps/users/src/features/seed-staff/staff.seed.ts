import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { CodedError, newId } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import { ProcessContext, StartupNotes } from '@seam/process';
import { randomBytes } from 'node:crypto';
import { PasswordHasher } from '../../ports/password-hasher.js';
import { Users, type UserWithPassword } from '../../ports/users.js';
import { usersSettings } from '../../users.settings.js';

const EMAIL = 'staff@seam.local';

/**
 * The shop's staff account. At every start, its password is set to that of the settings. Without such a setting, a
 * random password is created at the first start, and shown only then.
 */
@Injectable()
export class StaffSeed implements OnApplicationBootstrap {
  private readonly logger = new Logger('users');

  constructor(
    private readonly context: ProcessContext,
    private readonly notes: StartupNotes,
    private readonly users: Users,
    private readonly hasher: PasswordHasher,
    private readonly committer: Committer,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { staffPassword } = this.context.settings.of(usersSettings);
    const existing = await this.users.byEmail(EMAIL);
    if (existing === undefined && (await this.add(staffPassword))) return;
    const account = existing ?? (await this.users.byEmail(EMAIL));
    if (account !== undefined) await this.keepUp(account, staffPassword);
  }

  /** Resolves with whether the account was added: another replica's start may have added it in between. */
  private async add(given: string | undefined): Promise<boolean> {
    const password = given ?? randomBytes(12).toString('base64url');
    const passwordHash = await this.hasher.hash(password);
    try {
      await this.committer.commit(
        this.users.add({ id: newId(), email: EMAIL, name: 'Staff', role: 'staff', passwordHash }),
      );
    } catch (error) {
      if (error instanceof CodedError && error.code === 'USER.EMAIL_TAKEN') return false;
      throw error;
    }
    if (given === undefined) this.notes.add(`staff  ${EMAIL}, password ${password} (shown this once)`);
    return true;
  }

  private async keepUp(user: UserWithPassword, password: string | undefined): Promise<void> {
    if (password === undefined) {
      // A customer may have registered it and knows its password: only with a new password may it become the staff's
      // account.
      if (user.role !== 'staff')
        this.logger.warn(
          `${EMAIL} is a customer's account: set SEAM_STAFF_PASSWORD=<password> to make it the staff account`,
        );
      return;
    }
    if (user.role === 'staff' && (await this.hasher.verify(user.passwordHash, password)) !== 'wrong') return;
    await this.committer.commit(this.users.makeStaff(user.id, await this.hasher.hash(password)));
  }
}
