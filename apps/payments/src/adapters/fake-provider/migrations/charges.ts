import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The fake provider's books. They stand for another company's: only the fake provider, and whoever checks us, reads them. */
export class FakeProvider1760000100001 implements MigrationInterface {
  name = 'FakeProvider1760000100001';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create schema fake_provider;
      create table fake_provider.charge (
        key text primary key,
        order_id text not null,
        amount bigint not null,
        currency text not null,
        token_kind text not null,
        -- why not; none: it was captured
        declined text,
        -- how often the card was really charged, and the money really given back
        charged integer not null,
        charged_at timestamptz not null default now(),
        refunds integer not null default 0,
        refund_key text,
        refunded_at timestamptz
      );
      -- what tok_flaky has failed so far
      create table fake_provider.failure (key text primary key, failures integer not null);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop schema fake_provider cascade');
  }
}
