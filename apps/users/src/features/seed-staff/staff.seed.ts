import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ProcessContext, StartupNotes } from '@seam/host';
import { newId } from '@seam/kernel';
import { Committer } from '@seam/messaging';
import { randomBytes } from 'node:crypto';
import { PasswordHasher } from '../../ports/password-hasher.js';
import { Sessions } from '../../ports/sessions.js';
import { Users, type UserWithPassword } from '../../ports/users.js';

const EMAIL = 'staff@seam.local';

/**
 * The demo shop's staff account. Its password is the settings', also when they change; without one it is made up at the
 * first start, and shown that once.
 */
@Injectable()
export class StaffSeed implements OnApplicationBootstrap {
  constructor(
    private readonly context: ProcessContext,
    private readonly notes: StartupNotes,
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly hasher: PasswordHasher,
    private readonly committer: Committer,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { demo, staffPassword } = this.context.settings;
    if (!demo) return;
    const existing = await this.users.byEmail(EMAIL);
    if (existing === undefined) await this.add(staffPassword);
    else if (staffPassword !== undefined && existing.role === 'staff') await this.keepUp(existing, staffPassword);
  }

  private async add(given: string | undefined): Promise<void> {
    const password = given ?? randomBytes(12).toString('base64url');
    const passwordHash = await this.hasher.hash(password);
    await this.committer.commit(
      this.users.add({ id: newId(), email: EMAIL, name: 'Staff', role: 'staff', passwordHash }),
    );
    if (given === undefined) this.notes.add(`staff  ${EMAIL}, password ${password} (shown this once)`);
  }

  private async keepUp(user: UserWithPassword, password: string): Promise<void> {
    if (await this.hasher.verify(user.passwordHash, password)) return;
    const passwordHash = await this.hasher.hash(password);
    await this.committer.commit(this.users.setPasswordHash(user.id, passwordHash));
    await this.committer.commit(this.sessions.endAllOf(user.id));
  }
}
