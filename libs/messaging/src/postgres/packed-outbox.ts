import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The outbox's rows of large commits. They have a table of their own, so that a process of the previous version, which
 * reads only `outbox`, never sees a row that it cannot read.
 */
export class PackedOutbox1764500000000 implements MigrationInterface {
  name = 'PackedOutbox1764500000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table outbox_packed (
        -- UUID version 7: the primary key serves as the index by age, too
        id uuid primary key,
        -- an array as in outbox, compressed by zstd
        messages bytea not null,
        -- of messages in it
        count integer not null,
        -- until when a sweep that took it is trusted with it
        leased_until timestamptz
      ) with (toast_tuple_target = 8160);
      -- neither compressed again, nor cut into rows of 2 kB elsewhere as long as a page holds it
      alter table outbox_packed alter column messages set storage external;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table outbox_packed');
  }
}
