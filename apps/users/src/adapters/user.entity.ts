import type { Role } from '@seam/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An account's row, for reading. */
@Entity({ name: 'user_account' })
export class UserEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  email!: string;

  @Column('text')
  name!: string;

  @Column('text')
  role!: Role;

  @Column('text', { name: 'password_hash' })
  passwordHash!: string;
}
