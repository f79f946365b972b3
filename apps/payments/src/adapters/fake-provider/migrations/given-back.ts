import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What went back without the shop's doing. */
export class FakeProvider1760300000001 implements MigrationInterface {
  name = 'FakeProvider1760300000001';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table fake_provider.charge
        -- minor units given back before the rest is, if ever
        add column partly_refunded bigint not null default 0,
        add column charged_back boolean not null default false;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table fake_provider.charge drop column partly_refunded, drop column charged_back');
  }
}
