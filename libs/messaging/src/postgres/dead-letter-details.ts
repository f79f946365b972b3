import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What dead letters are listed, found and grouped by, beside the message; and their attempts. */
export class DeadLetterDetails1764600000000 implements MigrationInterface {
  name = 'DeadLetterDetails1764600000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table dead_letter
        -- null: stored by an earlier version; described when dead letters are read
        add column type text,
        add column source text,
        add column correlation_id text,
        add column failure text,
        -- the JSON of an attempt each
        add column history text[] not null default '{}';
      create index dead_letter_undescribed on dead_letter (message_id) where type is null;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop index dead_letter_undescribed;
      alter table dead_letter drop column type, drop column source, drop column correlation_id,
        drop column failure, drop column history;
    `);
  }
}
