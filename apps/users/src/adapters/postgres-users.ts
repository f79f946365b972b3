import { Injectable } from '@nestjs/common';
import { messageOf, UserRegistered } from '@seam/contracts';
import { CodedError, isId } from '@seam/kernel';
import { transactionWork, type Work } from '@seam/messaging';
import { Database } from '@seam/persistence';
import type { Repository } from 'typeorm';
import type { User } from '../domain/user.js';
import { Users, type UserWithPassword } from '../ports/users.js';
import { UserEntity } from './user.entity.js';

@Injectable()
export class PostgresUsers extends Users {
  private readonly rows: Repository<UserEntity>;

  constructor(database: Database) {
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

  override add({ id, email, name, role, passwordHash }: UserWithPassword): Work<void> {
    return transactionWork(async (db) => {
      const { rowCount } = await db.query(
        `insert into user_account (id, email, name, role, password_hash) values ($1, $2, $3, $4, $5)
         on conflict (email) do nothing`,
        [id, email, name, role, passwordHash],
      );
      if (rowCount === 0) throw new CodedError('conflict', 'USER.EMAIL_TAKEN', 'This e-mail address has an account');
      return { value: undefined, messages: [messageOf(UserRegistered, id, { userId: id, email, name, role })] };
    });
  }

  override setPasswordHash(id: string, passwordHash: string): Work<void> {
    return transactionWork(async (db) => {
      await db.query('update user_account set password_hash = $2 where id = $1', [id, passwordHash]);
      return { value: undefined, messages: [] };
    });
  }
}
