import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Stock1760100000000 implements MigrationInterface {
  name = 'Stock1760100000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table stock (
        sku text primary key,
        on_hand bigint not null check (on_hand >= 0),
        reserved bigint not null check (reserved >= 0),
        sold bigint not null check (sold >= 0)
      ) with (fillfactor = 50);
      create table reservation (
        order_id text primary key,
        state text not null check (state in ('reserved', 'sold', 'released')),
        -- [{ "sku": "MUG-BLUE", "quantity": 2 }], one per SKU; none where the release came first
        lines jsonb not null,
        changed_at timestamptz not null default now()
      ) with (fillfactor = 80);
      create table receipt (
        receipt_id uuid primary key,
        sku text not null,
        quantity bigint not null check (quantity > 0),
        -- the levels it left: a repeated request gets the same answer
        on_hand bigint not null,
        reserved bigint not null,
        sold bigint not null,
        received_at timestamptz not null default now()
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table receipt; drop table reservation; drop table stock');
  }
}
