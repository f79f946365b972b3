import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { UserEntity } from './user.entity.js';

/** The family of all tokens of one login. */
@Entity({ name: 'refresh_family' })
export class RefreshFamilyEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'refresh_family_pkey' })
  id!: string;

  @Column('uuid', { name: 'user_id' })
  @Index('refresh_family_user')
  @ForeignKey(() => UserEntity, { name: 'refresh_family_user_id_fkey' })
  userId!: string;

  @Column('timestamptz', { name: 'expires_at' })
  @Index('refresh_family_age')
  expiresAt!: Date;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt!: Date | null;
}

@Entity({ name: 'refresh_token' })
export class RefreshTokenEntity {
  /** SHA-256 of the token; the token itself is not stored anywhere. */
  @PrimaryColumn('bytea', { primaryKeyConstraintName: 'refresh_token_pkey' })
  hash!: Buffer;

  @Column('uuid', { name: 'family_id' })
  @Index('refresh_token_family')
  @ForeignKey(() => RefreshFamilyEntity, { name: 'refresh_token_family_id_fkey', onDelete: 'CASCADE' })
  familyId!: string;

  @Column('timestamptz', { name: 'used_at', nullable: true })
  usedAt!: Date | null;
}
