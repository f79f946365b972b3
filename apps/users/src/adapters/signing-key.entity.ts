import type { JWK } from 'jose';
import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A pair of keys that access tokens are signed and checked with. */
@Entity({ name: 'signing_key' })
export class SigningKeyEntity {
  /** Its thumbprint. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'signing_key_pkey' })
  kid!: string;

  @Column('json', { name: 'public_jwk' })
  publicJwk!: JWK;

  @Column('json', { name: 'private_jwk' })
  privateJwk!: JWK;

  /** When it was inserted, by the server's clock; not when its transaction began. */
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
