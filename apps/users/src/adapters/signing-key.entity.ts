import type { JWK } from 'jose';
import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A pair of keys to sign and verify access tokens. */
@Entity({ name: 'signing_key' })
export class SigningKeyEntity {
  /** The thumbprint of the public key. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'signing_key_pkey' })
  kid!: string;

  @Column('json', { name: 'public_jwk' })
  publicJwk!: JWK;

  @Column('json', { name: 'private_jwk' })
  privateJwk!: JWK;

  /** The server's clock at the insert, not at the begin of its transaction. */
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
