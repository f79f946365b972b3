import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The customers, as reported by the accounts' events. */
export class Customers1764200000000 implements MigrationInterface {
  name = 'Customers1764200000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table customer (
        id text primary key,
        name text not null,
        email text not null
      );
      create index customer_by_email on customer (email, id desc);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table customer');
  }
}
