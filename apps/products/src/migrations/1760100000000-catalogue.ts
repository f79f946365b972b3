import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Catalogue1760100000000 implements MigrationInterface {
  name = 'Catalogue1760100000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table product (
        -- by bytes: the order of pages must not depend on a server's language
        sku text collate "C" primary key,
        name text not null,
        description text not null,
        price_amount bigint not null check (price_amount >= 0),
        price_currency text not null,
        active boolean not null,
        revision integer not null check (revision > 0),
        changed_at timestamptz not null default now()
      )
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table product');
  }
}
