import type { Role } from '@seam/contracts';
import { Check, Column, CreateDateColumn, Entity, PrimaryColumn, Unique } from 'typeorm';

/** An account's row. */
@Entity({ name: 'user_account' })
@Unique('user_account_email', ['email'])
@Check('user_account_email_check', 'email = lower(email)')
@Check('user_account_role_check', `role in ('customer', 'staff')`)
export class UserEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'user_account_pkey' })
  id!: string;

  @Column('text')
  email!: string;

  @Column('text')
  name!: string;

  @Column('text')
  role!: Role;

  /** Not selected by default: a query must name it, so that it is not passed on by accident. */
  @Column('text', { name: 'password_hash', select: false })
  passwordHash!: string;

  @CreateDateColumn({ name: 'registered_at', type: 'timestamptz' })
  registeredAt!: Date;
}
