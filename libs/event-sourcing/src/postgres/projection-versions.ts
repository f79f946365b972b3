import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Gives each checkpoint the version of its projection. Processes of before insert checkpoints without one: 1. */
export class ProjectionVersions1764640000000 implements MigrationInterface {
  name = 'ProjectionVersions1764640000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query('alter table projection add column version integer not null default 1');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table projection drop column version');
  }
}
