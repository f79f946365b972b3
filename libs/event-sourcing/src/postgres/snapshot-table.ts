import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Snapshots1764630000000 implements MigrationInterface {
  name = 'Snapshots1764630000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- made of events, so that it may be emptied at any time
      create table snapshot (
        stream text primary key,
        version integer not null,
        -- the version of the state's shape
        shape integer not null,
        -- null where the state is null
        state json
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table snapshot');
  }
}
