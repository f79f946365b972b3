import { domainToUnicode } from 'node:url';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Stores the domains of addresses in Unicode. Until now, such a domain could only be entered in ASCII, as `xn--…`. */
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

  /** Nothing to revert: the older version can read such an address, too. */
  async down(): Promise<void> {
    // unchanged
  }
}
