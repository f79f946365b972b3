import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Sales1760100000000 implements MigrationInterface {
  name = 'Sales1760100000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table sales_hour (
        -- of the UTC hour
        start timestamptz not null,
        currency text not null,
        placed bigint not null,
        confirmed bigint not null,
        cancelled bigint not null,
        shipped bigint not null,
        -- minor units; below zero where more was paid back than earned
        revenue bigint not null,
        primary key (start, currency)
      ) with (fillfactor = 50);
      create table cancellation (
        code text primary key,
        count bigint not null
      ) with (fillfactor = 50);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table cancellation; drop table sales_hour');
  }
}
