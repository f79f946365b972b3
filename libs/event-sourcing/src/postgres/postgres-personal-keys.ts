import type { Pool } from 'pg';
import { newPersonKey, PersonalKeys, type PersonKey, personKeyOf } from '../personal-keys.js';

interface KeyRow {
  readonly person: string;
  readonly key: Buffer | null;
}

/** The keys in a table of the service's database. */
export class PostgresPersonalKeys extends PersonalKeys {
  constructor(private readonly pool: Pick<Pool, 'query'>) {
    super();
  }

  override async existing(persons: readonly string[]): Promise<ReadonlyMap<string, PersonKey>> {
    const { rows } = await this.pool.query<KeyRow>({
      name: 'seam_person_keys',
      text: 'select person, key from person_key where person = any($1)',
      values: [persons],
    });
    return new Map(rows.map(({ person, key }) => [person, personKeyOf(key)]));
  }

  override async made(persons: readonly string[]): Promise<ReadonlyMap<string, PersonKey>> {
    const existing = await this.existing(persons);
    const missing = persons.filter((person) => !existing.has(person)).sort();
    if (missing.length === 0) return existing;
    await this.pool.query({
      name: 'seam_person_keys_make',
      text: `insert into person_key (person, key) select * from unnest($1::text[], $2::bytea[]) on conflict do nothing`,
      values: [missing, missing.map(newPersonKey)],
    });
    return this.existing(persons);
  }

  override async forget(person: string): Promise<void> {
    await this.pool.query({
      name: 'seam_person_key_forget',
      text: `insert into person_key (person, key, forgotten_at) values ($1, null, now())
             on conflict (person) do update set key = null, forgotten_at = excluded.forgotten_at
             where person_key.key is not null`,
      values: [person],
    });
  }
}
