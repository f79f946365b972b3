import type { MigrationInterface, QueryRunner } from 'typeorm';

export class EventTables1760000001000 implements MigrationInterface {
  name = 'EventTables1760000001000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table events (
        stream text not null,
        version integer not null check (version > 0),
        type text not null,
        data json not null,
        at timestamptz not null,
        -- the order of all events: sequence numbers alone are not the order of commits
        tx xid8 not null default pg_current_xact_id(),
        seq bigint generated always as identity,
        primary key (stream, version)
      );
      create index events_in_order on events (tx, seq);
      create function events_conflict(of_stream text, at_version integer) returns text language plpgsql as $$
      begin
        raise exception 'stream % is not at version %', of_stream, at_version using errcode = 'SE001';
      end $$;
      create table projection (
        name text primary key,
        tx xid8 not null,
        seq bigint not null
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table projection; drop table events; drop function events_conflict');
  }
}
