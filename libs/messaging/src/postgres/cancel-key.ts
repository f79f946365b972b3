import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The key under which a delayed message can be cancelled. A process of the previous version sends such a message as any other. */
export class CancelKey1764750000000 implements MigrationInterface {
  name = 'CancelKey1764750000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table outbox add column cancel_key text;
      create index outbox_cancel_key on outbox (cancel_key) where cancel_key is not null;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table outbox drop column cancel_key');
  }
}
