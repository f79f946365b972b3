import { takeOverSetAside } from '@seam/event-sourcing/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The list of sagas without their states, which `saga_view` contained. It starts at the checkpoint of that view: while
 * this migration runs, a process of the previous version waits for the checkpoint. After that, both follow the events
 * with checkpoints of their own, so the two versions can run side by side. `saga_view`, its checkpoint and its
 * set-aside entries stay until a later version drops them.
 */
export class SagaList1764200200000 implements MigrationInterface {
  name = 'SagaList1764200200000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- written as a saga starts and as its status changes. No index has the status, and the pages have room, so that a
      -- change of it touches no index
      create table saga_list (
        id text not null,
        correlation_id text not null,
        definition text not null,
        version integer not null,
        status text not null,
        started_at timestamptz not null
      ) with (fillfactor = 80);
      -- of the few that have not ended
      create table saga_open (
        id text primary key,
        definition text not null,
        status text not null,
        started_at timestamptz not null,
        -- when its time limit is over; none where it waits for an operator
        deadline timestamptz
      );
      create index saga_open_due on saga_open (deadline);
      select from projection where name = 'saga-view' for update;
    `);
    await db.query(`
      insert into saga_list (id, correlation_id, definition, version, status, started_at)
      select id, correlation_id, state->>'definition', (state->>'version')::integer, status, started_at from saga_view;
      insert into saga_open (id, definition, status, started_at, deadline)
      select id, state->>'definition', status, started_at, deadline
      from saga_view where status in ('running', 'compensating', 'parked');
      alter table saga_list add primary key (id);
      create index saga_list_by_correlation on saga_list (correlation_id);
      create index saga_list_by_age on saga_list (started_at);
      insert into projection (name, tx, seq) select 'saga-list', tx, seq from projection where name = 'saga-view';
    `);
    await takeOverSetAside(db, 'saga-view', 'saga-list');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop table saga_list; drop table saga_open;
      delete from projection where name = 'saga-list';
      delete from set_aside where what = 'saga-list';
    `);
  }
}
