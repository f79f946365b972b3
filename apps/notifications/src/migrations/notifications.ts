import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Notifications1760000200000 implements MigrationInterface {
  name = 'Notifications1760000200000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table notification (
        -- UUID version 7: later is larger
        id uuid not null unique,
        order_id text not null,
        kind text not null,
        user_id text not null,
        status text not null check (status in ('queued', 'sent', 'cancelled', 'failed')),
        -- minor units; none for one cancelled before it came
        amount bigint,
        currency text,
        attempts integer not null default 0,
        queued_at timestamptz not null default now(),
        -- when it may be taken to be sent: the end of the lease of whoever is sending it
        next_at timestamptz not null default now(),
        awaits_recipient boolean not null default false,
        sent_at timestamptz,
        primary key (order_id, kind)
      ) with (fillfactor = 80);
      -- next_at is left out, so that taking a lease touches no index
      create index notification_queued on notification (id) where status = 'queued';
      create index notification_of_user on notification (user_id, id);
      create table recipient (
        user_id text primary key,
        email text not null,
        name text not null
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table recipient; drop table notification');
  }
}
