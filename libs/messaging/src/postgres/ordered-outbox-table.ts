import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The messages with a key. They have a table of their own, so that a process of the previous version, which reads only
 * `outbox`, never sends one out of its order.
 */
export class OrderedOutbox1764700000000 implements MigrationInterface {
  name = 'OrderedOutbox1764700000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table outbox_ordered (
        -- drawn after all other writes of its commit: what waits for another commit gets a later one
        position bigint generated always as identity primary key,
        -- the message's
        id uuid not null unique,
        key text not null,
        message json not null,
        -- until when the relay that took it is trusted with it
        leased_until timestamptz
      );
      create index outbox_ordered_key on outbox_ordered (key, position);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table outbox_ordered');
  }
}
