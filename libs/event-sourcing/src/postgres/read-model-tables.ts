import type { MigrationInterface, QueryRunner } from 'typeorm';
import { setAsideId } from '../set-asides.js';

export class ReadModelTables1760000020000 implements MigrationInterface {
  name = 'ReadModelTables1760000020000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table set_aside (
        id uuid primary key,
        what text not null,
        stream text not null,
        position text not null,
        reason text not null,
        since timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
        unique (what, stream)
      );
      create index set_aside_by_age on set_aside (since, id);
      -- how far the rebuild is that runs; whether one does, its advisory lock tells
      create table rebuild (
        one boolean primary key default true check (one),
        since timestamptz not null,
        read_model text not null,
        events bigint not null
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table set_aside; drop table rebuild');
  }
}

/** For a migration that copies one read model's rows to another's: also copies the set-aside entries. */
export async function takeOverSetAside(db: QueryRunner, from: string, to: string): Promise<void> {
  const aside = (await db.query(
    `select stream, position, reason, since from set_aside where what = '${from}'`,
  )) as readonly { stream: string }[];
  await db.query(
    `insert into set_aside (id, what, stream, position, reason, since)
       select id, '${to}', stream, position, reason, since
       from json_to_recordset($1::json) as r(id uuid, stream text, position text, reason text, since timestamptz)`,
    [JSON.stringify(aside.map((one) => ({ ...one, id: setAsideId(to, one.stream) })))],
  );
}
