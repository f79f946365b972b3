import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Failed log-ins, counted together for all processes of the service; the limiter requires these columns. */
export class LoginFailures1764250000000 implements MigrationInterface {
  name = 'LoginFailures1764250000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table login_failure (
        -- SHA-256 of address and account
        key text primary key,
        points integer not null default 0,
        -- when the failures are forgotten, ms since 1970
        expire bigint
      );
      create index login_failure_expire on login_failure (expire);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table login_failure');
  }
}
