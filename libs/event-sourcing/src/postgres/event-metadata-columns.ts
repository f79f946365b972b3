import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds a column that is null in all existing rows: no row is rewritten, and processes of before need not know it. */
export class EventSchemaVersion1764610000000 implements MigrationInterface {
  name = 'EventSchemaVersion1764610000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- none: 1
      alter table events add column schema_version smallint;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table events drop column schema_version');
  }
}
