import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Payments1760000100000 implements MigrationInterface {
  name = 'Payments1760000100000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table payment (
        order_id text primary key,
        user_id text not null,
        state text not null,
        -- minor units; none while only a refund is known of the order
        amount bigint check (amount >= 0),
        refunded bigint not null default 0 check (refunded between 0 and coalesce(amount, 0)),
        currency text,
        -- the card's, until the charge is settled
        token text check (token is null or state = 'unknown'),
        failure_code text,
        failure_reason text,
        attempts integer not null,
        tries integer not null,
        turn integer not null,
        due boolean not null,
        charge_asker json,
        refund_asker json,
        created_at timestamptz not null default now(),
        changed_at timestamptz not null default now()
      ) with (fillfactor = 80);
      create index payment_open on payment (state, changed_at) where state in ('unknown', 'voiding', 'refunding');
      create table webhook_event (
        provider text not null,
        id text not null,
        received_at timestamptz not null default now(),
        primary key (id, provider)
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table webhook_event; drop table payment');
  }
}
