import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Corrections1764150000000 implements MigrationInterface {
  name = 'Corrections1764150000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- a receipt with a reason is a correction: so many pieces were taken off
      alter table receipt add column correction_reason text, add column corrected_by text,
        add constraint receipt_correction check ((correction_reason is null) = (corrected_by is null));
      -- lists go by the characters of a SKU, whatever a server's language is
      create index stock_by_characters on stock (sku collate "C");
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop index stock_by_characters;
      alter table receipt drop column correction_reason, drop column corrected_by;
    `);
  }
}
