import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the provider does by itself, as the payments show it, and all that is needed to look into it afterwards. */
export class PaymentAudit1760300000000 implements MigrationInterface {
  name = 'PaymentAudit1760300000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- number: the order in which payments became known, which lists follow
      alter table payment
        add column refunded_by text,
        add column number bigint generated always as identity;
      update payment set refunded_by = 'shop' where refunded > 0;
      create unique index payment_number on payment (number);
      -- what was received: also of types this version knows nothing of, and about no payment of ours
      alter table webhook_event
        add column type text,
        add column order_id text,
        add column body json;
      create index webhook_event_order on webhook_event (order_id) where order_id is not null;
      -- how a payment came to be what it is, after it became known
      create table payment_change (
        id bigint generated always as identity primary key,
        order_id text not null,
        cause text not null,
        from_state text not null,
        to_state text not null,
        -- minor units
        refunded bigint not null,
        at timestamptz not null default now()
      );
      create index payment_change_order on payment_change (order_id);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table payment_change;
      alter table webhook_event drop column type, drop column order_id, drop column body;
      alter table payment drop column refunded_by, drop column number;
    `);
  }
}
