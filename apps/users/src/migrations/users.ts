import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Users1760000200000 implements MigrationInterface {
  name = 'Users1760000200000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table user_account (
        id uuid primary key,
        email text not null constraint user_account_email unique check (email = lower(email)),
        name text not null,
        role text not null check (role in ('customer', 'staff')),
        password_hash text not null,
        registered_at timestamptz not null default now()
      );
      -- the tokens of one login
      create table refresh_family (
        id uuid primary key,
        user_id uuid not null references user_account (id),
        expires_at timestamptz not null,
        revoked_at timestamptz
      );
      create index refresh_family_user on refresh_family (user_id);
      create index refresh_family_age on refresh_family (expires_at);
      create table refresh_token (
        -- SHA-256; the token itself is nowhere
        hash bytea primary key,
        family_id uuid not null references refresh_family (id) on delete cascade,
        used_at timestamptz
      );
      create index refresh_token_family on refresh_token (family_id);
      create table signing_key (
        kid text primary key,
        public_jwk json not null,
        private_jwk json not null,
        created_at timestamptz not null default clock_timestamp()
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'drop table signing_key; drop table refresh_token; drop table refresh_family; drop table user_account',
    );
  }
}
