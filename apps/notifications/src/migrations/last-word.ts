import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LastWord1760000201000 implements MigrationInterface {
  name = 'LastWord1760000201000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table notification
        -- what the e-mail says beside the total: a cancellation's code, a parcel's number
        add column details json,
        -- the end of the lease of whoever is sending it, also where it is cancelled meanwhile
        add column sending_until timestamptz
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table notification drop column details, drop column sending_until');
  }
}
