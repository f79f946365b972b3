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

/** Why an event was appended. Null in all existing rows, and in those of processes of before. */
export class EventMetadata1764620000000 implements MigrationInterface {
  name = 'EventMetadata1764620000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table events
        add column causation_id uuid,
        add column trace_id uuid,
        add column correlation_id uuid,
        -- the actor of a request, and ids that are no UUIDs
        add column metadata json;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table events drop column causation_id, drop column trace_id, drop column correlation_id, drop column metadata
    `);
  }
}
