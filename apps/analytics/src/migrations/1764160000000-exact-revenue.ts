import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A sum of many large orders needs more than 64 bits. */
export class ExactRevenue1764160000000 implements MigrationInterface {
  name = 'ExactRevenue1764160000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query('alter table sales_hour alter column revenue type numeric');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table sales_hour alter column revenue type bigint');
  }
}
