import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SagaTables1760000002000 implements MigrationInterface {
  name = 'SagaTables1760000002000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table saga_view (
        id text primary key,
        correlation_id text not null,
        status text not null,
        started_at timestamptz not null,
        -- when its time limit is over; none where it waits for nothing, or for an operator
        deadline timestamptz,
        state json not null
      );
      -- rewritten with every step: compressing it costs more than it saves
      alter table saga_view alter column state set storage external;
      create index saga_view_by_correlation on saga_view (correlation_id);
      create index saga_view_by_age on saga_view (started_at desc, id desc);
      -- of the few that have not ended well
      create index saga_view_open on saga_view (status, started_at desc, id desc)
        where status in ('running', 'compensating', 'parked');
      create index saga_view_due on saga_view (deadline) where deadline is not null;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table saga_view');
  }
}
