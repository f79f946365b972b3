import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The keys by which personal fields of events are encrypted. */
export class PersonKeys1764650000000 implements MigrationInterface {
  name = 'PersonKeys1764650000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table person_key (
        person text primary key,
        -- none: the person was forgotten, and gets no key again
        key bytea,
        created_at timestamptz not null default now(),
        forgotten_at timestamptz,
        check ((key is null) = (forgotten_at is not null))
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table person_key');
  }
}
