import { Injectable } from '@nestjs/common';
import { UserRegistered } from '@seam/contracts';
import { messageOf } from '@seam/messaging/contract';
import { CodedError, isId } from '@seam/kernel';
import { transactionWork } from '@seam/messaging/postgres';
import type { Work } from '@seam/messaging';
import { containing, Database } from '@seam/persistence/postgres';
import type { User } from '../domain/user.js';
import { type RegisteredUser, Users, type UserSearch, type UserWithPassword } from '../ports/users.js';
import { revokeFamilies } from './postgres-sessions.js';
import { UserEntity } from './user.entity.js';

@Injectable()
export class PostgresUsers extends Users {
  constructor(private readonly database: Database) {
    super();
  }

  override async byId(id: string): Promise<User | undefined> {
    if (!isId(id)) return undefined;
    const select = { id: true, email: true, name: true, role: true } as const;
    const found = await this.database.read((entities) => entities.findOne(UserEntity, { select, where: { id } }));
    return found ?? undefined;
  }

  override async byEmail(email: string): Promise<UserWithPassword | undefined> {
    const select = { id: true, email: true, name: true, role: true, passwordHash: true } as const;
    const found = await this.database.read((entities) => entities.findOne(UserEntity, { select, where: { email } }));
    return found ?? undefined;
  }

  override list({ text, role, before, limit }: UserSearch): Promise<RegisteredUser[]> {
    return this.database.read((entities) => {
      const query = entities.createQueryBuilder(UserEntity, 'account').orderBy('account.id', 'DESC').limit(limit);
      if (text !== undefined)
        query.andWhere('(account.email ilike :text or normalize(account.name) ilike :text)', {
          text: containing(text),
        });
      if (role !== undefined) query.andWhere('account.role = :role', { role });
      if (before !== undefined) query.andWhere('account.id < :before', { before });
      return query.getMany();
    });
  }

  /** If another registration of the same address is faster, the insert conflicts; in the retry the address is taken. */
  override add({ id, email, name, role, passwordHash }: UserWithPassword): Work<void> {
    return transactionWork(async (entities) => {
      const accounts = entities.getRepository(UserEntity);
      if (await accounts.existsBy({ email }))
        throw new CodedError('conflict', 'USER.EMAIL_TAKEN', 'There is already an account with this e-mail address');
      await accounts.insert({ id, email, name, role, passwordHash });
      return { value: undefined, messages: [messageOf(UserRegistered, id, { userId: id, email, name, role })] };
    });
  }

  override replacePasswordHash(id: string, before: string, after: string): Work<boolean> {
    return transactionWork<boolean>(async (entities) => {
      const { affected } = await entities.update(UserEntity, { id, passwordHash: before }, { passwordHash: after });
      return { value: affected === 1, messages: [] };
    });
  }

  override makeStaff(id: string, passwordHash: string): Work<void> {
    return transactionWork(async (entities) => {
      // The account first: a session that is just being stored holds a lock on it, so it is stored before the sessions
      // are ended.
      await entities.update(UserEntity, { id }, { passwordHash, role: 'staff' });
      await revokeFamilies(entities, { userId: id });
      return { value: undefined, messages: [] };
    });
  }
}
