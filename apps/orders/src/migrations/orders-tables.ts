import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OrdersTables1760000010000 implements MigrationInterface {
  name = 'OrdersTables1760000010000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table catalogue (
        sku text primary key,
        revision integer not null,
        price_amount bigint not null,
        currency text not null,
        active boolean not null
      );
      create table order_view (
        id text primary key,
        user_id text not null,
        status text not null,
        placed_at timestamptz not null,
        state json not null
      );
      create index order_view_of_user on order_view (user_id, placed_at desc, id desc);
      create index order_view_by_age on order_view (placed_at desc, id desc);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table order_view; drop table catalogue');
  }
}
