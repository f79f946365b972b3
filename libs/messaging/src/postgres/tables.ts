import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The additional tables of every service: outbox, inbox and dead letters. */
export class MessagingTables1760000000000 implements MigrationInterface {
  name = 'MessagingTables1760000000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Ids grow with time (UUID version 7): the primary keys serve as the indexes by age, too.
      create table outbox (
        id uuid primary key,
        -- an array: those of one commit that leave at once are one row
        messages json not null,
        -- a delayed message's time; none: sent by its commit's own process, at once
        not_before timestamptz,
        -- until when a sweep that took it is trusted with it
        leased_until timestamptz
      );
      -- short-lived: compressing a big batch costs more than it saves
      alter table outbox alter column messages set storage external;
      create index outbox_delayed on outbox (not_before) where not_before is not null;
      create table inbox (
        message_id uuid not null,
        handler text not null,
        primary key (message_id, handler)
      );
      create table dead_letter (
        message_id uuid not null,
        handler text not null,
        message json not null,
        reason text not null,
        attempts integer not null,
        died_at timestamptz not null default now(),
        primary key (message_id, handler)
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table dead_letter; drop table inbox; drop table outbox');
  }
}
