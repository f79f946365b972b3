import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The columns by which the staff search orders. They are generated from the state by the database, so existing rows
 * have them, and also rows that a process of the previous version still writes.
 */
export class OrderSearch1764200100000 implements MigrationInterface {
  name = 'OrderSearch1764200100000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create function order_skus(state json) returns text[] language sql immutable parallel safe as $$
        select array(select line->>'sku' from json_array_elements(state->'lines') line)
      $$;
      alter table order_view
        -- minor units; of before sums had to be exact there may be some that no integer holds
        add column amount numeric generated always as ((state->'total'->>'amount')::numeric) stored,
        add column currency text generated always as (state->'total'->>'currency') stored,
        add column skus text[] generated always as (order_skus(state)) stored;
      create index order_view_of_amount on order_view (amount, placed_at desc, id desc);
      create index order_view_of_sku on order_view using gin (skus);
      -- rows of before an order could be shown so
      update order_view set status = 'cancelling'
        where status in ('pending', 'confirmed') and (state->>'cancelling')::boolean;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      update order_view set status = state->>'status' where status = 'cancelling';
      alter table order_view drop column amount, drop column currency, drop column skus;
      drop function order_skus;
    `);
  }
}
