import { Injectable } from '@nestjs/common';
import { UserRegistered } from '@seam/contracts';
import { messageOf } from '@seam/messaging/contract';
import { CodedError, isId } from '@seam/kernel';
import { transactionWork } from '@seam/messaging/postgres';
import type { Work } from '@seam/messaging';
import { containing, Database } from '@seam/persistence/postgres';
import type { Repository } from 'typeorm';
import type { User } from '../domain/user.js';
import { type RegisteredUser, Users, type UserSearch, type UserWithPassword } from '../ports/users.js';
import { UserEntity } from './user.entity.js';

@Injectable()
export class PostgresUsers extends Users {
  private readonly rows: Repository<UserEntity>;

  constructor(private readonly database: Database) {
    super();
    this.rows = database.dataSource.getRepository(UserEntity);
  }

  override async byId(id: string): Promise<User | undefined> {
    if (!isId(id)) return undefined;
    return (await this.rows.findOneBy({ id })) ?? undefined;
  }

  override async byEmail(email: string): Promise<UserWithPassword | undefined> {
    return (await this.rows.findOneBy({ email })) ?? undefined;
  }

  override list({ text, role, before, limit }: UserSearch): Promise<RegisteredUser[]> {
    return this.database.prepared<RegisteredUser>(
      'seam_user_list',
      `select id, email, name, role, registered_at as "registeredAt" from user_account
       where (email ilike $1 or normalize(name) ilike $1) and ($2::text is null or role = $2)
         and ($3::uuid is null or id < $3)
       order by id desc limit $4`,
      [containing(text ?? ''), role ?? null, before ?? null, limit],
    );
  }

  override add({ id, email, name, role, passwordHash }: UserWithPassword): Work<void> {
    return transactionWork(async (db) => {
      const { rowCount } = await db.query(
        `insert into user_account (id, email, name, role, password_hash) values ($1, $2, $3, $4, $5)
         on conflict (email) do nothing`,
        [id, email, name, role, passwordHash],
      );
      if (rowCount === 0)
        throw new CodedError('conflict', 'USER.EMAIL_TAKEN', 'There is already an account with this e-mail address');
      return { value: undefined, messages: [messageOf(UserRegistered, id, { userId: id, email, name, role })] };
    });
  }

  override replacePasswordHash(id: string, before: string, after: string): Work<boolean> {
    return transactionWork<boolean>(async (db) => {
      const { rowCount } = await db.query(
        'update user_account set password_hash = $3 where id = $1 and password_hash = $2',
        [id, before, after],
      );
      return { value: rowCount === 1, messages: [] };
    });
  }

  override makeStaff(id: string, passwordHash: string): Work<void> {
    return transactionWork(async (db) => {
      // The account first: a session that is being stored holds it, and is there to be ended afterwards.
      await db.query(`update user_account set password_hash = $2, role = 'staff' where id = $1`, [id, passwordHash]);
      await db.query('update refresh_family set revoked_at = now() where revoked_at is null and user_id = $1', [id]);
      return { value: undefined, messages: [] };
    });
  }
}
