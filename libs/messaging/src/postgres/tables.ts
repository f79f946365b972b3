import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What every service keeps beside its own tables: messages to send, messages handled, messages given up on. */
export class MessagingTables1760000000000 implements MigrationInterface {
  name = 'MessagingTables1760000000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table outbox (
        id uuid primary key,
        message json not null,
        -- a delayed message's time; none: at once
        not_before timestamptz,
        -- when a sweep may take it: the end of the lease of whoever is sending it
        available_at timestamptz not null
      );
      create index outbox_available on outbox (available_at);
      create table inbox (
        message_id uuid not null,
        handler text not null,
        handled_at timestamptz not null default now(),
        primary key (message_id, handler)
      );
      create index inbox_age on inbox (handled_at);
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
