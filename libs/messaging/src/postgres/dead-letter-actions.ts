import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators have done with dead letters. */
export class DeadLetterActions1764625700000 implements MigrationInterface {
  name = 'DeadLetterActions1764625700000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table dead_letter_action (
        -- UUID version 7: ordered by time
        id uuid primary key,
        action text not null,
        by text not null,
        why text not null,
        at timestamptz not null,
        message_id uuid not null,
        type text not null,
        handlers text[] not null,
        replaced_by uuid
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table dead_letter_action');
  }
}
