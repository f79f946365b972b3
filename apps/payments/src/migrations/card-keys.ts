import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The keys by which cards' tokens are sealed, and the sealed token of a payment whose charge may have to be repeated. */
export class CardKeys1764300000000 implements MigrationInterface {
  name = 'CardKeys1764300000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table card_key (
        id text primary key,
        public_key text not null,
        private_key text not null,
        created_at timestamptz not null default clock_timestamp(),
        replaced_at timestamptz
      );
      -- one is the newest
      create unique index card_key_newest on card_key ((true)) where replaced_at is null;
      -- until the charge is settled. No check says so: a process of an older version settles a payment without knowing it
      alter table payment add column sealed_token text;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table payment drop column sealed_token; drop table card_key');
  }
}
