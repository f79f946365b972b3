import { takeOverSetAside } from '@seam/event-sourcing/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The list of orders without their states, which `order_view` contained. It starts at the checkpoint of that view:
 * while this migration runs, a process of the previous version waits for the checkpoint. After that, both follow the
 * events with checkpoints of their own, so the two versions can run side by side. `order_view`, its checkpoint and its
 * set-aside entries stay until a later version drops them.
 */
export class OrderList1764200300000 implements MigrationInterface {
  name = 'OrderList1764200300000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- written as an order is placed and as its shown status changes. No index has the status, and the pages have room,
      -- so that a change of it touches no index
      create table order_list (
        id text not null,
        user_id text not null,
        status text not null,
        placed_at timestamptz not null,
        -- minor units; of before sums had to be exact there may be some that no integer holds
        amount numeric,
        currency text,
        skus text[]
      ) with (fillfactor = 90);
      select from projection where name = 'order-view' for update;
    `);
    await db.query(`
      insert into order_list (id, user_id, status, placed_at, amount, currency, skus)
      select id, user_id, status, placed_at, amount, currency, skus from order_view;
      alter table order_list add primary key (id);
      create index order_list_of_user on order_list (user_id, placed_at);
      create index order_list_by_age on order_list (placed_at);
      create index order_list_of_amount on order_list (amount);
      create index order_list_of_sku on order_list using gin (skus);
      insert into projection (name, tx, seq) select 'order-list', tx, seq from projection where name = 'order-view';
    `);
    await takeOverSetAside(db, 'order-view', 'order-list');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table order_list;
      delete from projection where name = 'order-list';
      delete from set_aside where what = 'order-list';
    `);
  }
}
