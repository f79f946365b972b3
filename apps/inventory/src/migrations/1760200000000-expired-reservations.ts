import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ExpiredReservations1760200000000 implements MigrationInterface {
  name = 'ExpiredReservations1760200000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table reservation drop constraint reservation_state_check;
      alter table reservation add constraint reservation_state_check
        check (state in ('reserved', 'sold', 'released', 'expired'));
      -- those that may expire: few at any time
      create index reservation_reserved on reservation (changed_at) where state = 'reserved';
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop index reservation_reserved');
  }
}
