import { domainToUnicode } from 'node:url';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An address has its domain in Unicode; until now one could only be given in ASCII, as `xn--…`. */
export class UnicodeDomains1764150000000 implements MigrationInterface {
  name = 'UnicodeDomains1764150000000';

  async up(db: QueryRunner): Promise<void> {
    const rows = (await db.query(`select id, email from user_account where email ~ '[@.]xn--'`)) as {
      id: string;
      email: string;
    }[];
    for (const { id, email } of rows) {
      const at = email.lastIndexOf('@');
      const domain = domainToUnicode(email.slice(at + 1));
      if (domain === '') continue;
      await db.query('update user_account set email = $2 where id = $1', [id, `${email.slice(0, at)}@${domain}`]);
    }
  }

  /** Nothing to undo: the older version reads such an address as well. */
  async down(): Promise<void> {
    // as it is
  }
}
