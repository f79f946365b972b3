import type { Pool } from 'pg';

type Client = Pick<Pool, 'query'>;

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const qualified = (schema: string, table: string): string => `${quoted(schema)}.${quoted(table)}`;

/** Creates an empty table in another schema, with the same columns, constraints, indexes, storage parameters and grants. */
export async function copyTable(client: Client, from: string, to: string, table: string): Promise<void> {
  const [source, copy] = [qualified(from, table), qualified(to, table)];
  await client.query(`create table ${copy} (like ${source} including all excluding indexes)`);
  // Indexes keep their names: a copy by `like` would make up others, which later migrations do not know.
  const { rows } = await client.query<{ statement: string }>(
    `select format('alter table %s add constraint %I %s', $2::text, conname, pg_get_constraintdef(oid)) as statement
       from pg_constraint where conrelid = $1::regclass and contype in ('p', 'u', 'x')
     union all
     select replace(pg_get_indexdef(i.indexrelid), format(' ON %I.%I USING ', $3::text, $4::text),
                    format(' ON %I.%I USING ', $5::text, $4::text))
       from pg_index i
      where i.indrelid = $1::regclass and not exists (select from pg_constraint where conindid = i.indexrelid)
     union all
     select format('alter table %s set (%s)', $2::text, array_to_string(reloptions, ', '))
       from pg_class where oid = $1::regclass and reloptions is not null
     union all
     select format('grant %s on %s to %s', privilege_type, $2::text,
                   case grantee when 0 then 'public' else grantee::regrole::text end)
       from pg_class, aclexplode(relacl) where oid = $1::regclass and grantee <> relowner`,
    [source, copy, from, table, to],
  );
  for (const { statement } of rows) await client.query(statement);
}

/** Describes a table's columns, constraints and indexes: the same text for tables of the same shape in any schema. */
export async function shapeOf(client: Client, schema: string, table: string): Promise<string> {
  const { rows } = await client.query<{ shape: string }>(
    `select string_agg(part, e'\\n' order by part) as shape from (
       select format('column %I %s %s %s %s %s', attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
                     attgenerated, pg_get_expr(adbin, adrelid)) as part
         from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where attrelid = $1::regclass and attnum > 0 and not attisdropped
       union all
       select format('constraint %I %s', conname, pg_get_constraintdef(oid))
         from pg_constraint where conrelid = $1::regclass and contype <> 'n'
       union all
       select replace(pg_get_indexdef(indexrelid), format(' ON %I.%I USING ', $2::text, $3::text), ' USING ')
         from pg_index where indrelid = $1::regclass
     ) parts`,
    [qualified(schema, table), schema, table],
  );
  return rows[0]?.shape ?? '';
}

export interface Replacement {
  readonly live: string;
  readonly shadow: string;
  readonly tables: readonly string[];
  /** How long it may wait for readers and writers of the live tables. */
  readonly lockMs: number;
}

/**
 * Replaces tables by those of the same names in another schema, in the caller's transaction; later readers wait for its
 * commit and then read the new ones, with plans that they prepared before, too. Replaces none if the tables are used for
 * longer than it may wait, or are not of the same shape.
 */
export async function replaceTables(
  client: Client,
  { live, shadow, tables, lockMs }: Replacement,
): Promise<'replaced' | 'used' | 'reshaped'> {
  if (tables.length === 0) return 'replaced';
  if (!(await lockTables(client, live, tables, lockMs))) return 'used';
  for (const table of tables)
    if ((await shapeOf(client, live, table)) !== (await shapeOf(client, shadow, table))) return 'reshaped';
  for (const table of tables) {
    await client.query(`drop table ${qualified(live, table)}`);
    await client.query(`alter table ${qualified(shadow, table)} set schema ${quoted(live)}`);
  }
  return 'replaced';
}

/** In a block that catches the error: as an answer of the server it would count as an outage. */
async function lockTables(client: Client, schema: string, tables: readonly string[], lockMs: number): Promise<boolean> {
  const names = tables.map((table) => qualified(schema, table)).join(', ');
  await client.query(`
    do $lock$ begin
      perform set_config('lock_timeout', '${lockMs}', true), set_config('seam.locked', 'no', true);
      lock table ${names} in access exclusive mode;
      perform set_config('seam.locked', 'yes', true);
    exception when lock_not_available then null;
    end $lock$`);
  const { rows } = await client.query<{ locked: string }>("select current_setting('seam.locked', true) as locked");
  return rows[0]?.locked === 'yes';
}

export const isStatementTimeout = (error: unknown): boolean => codeOf(error) === '57014';
/** A schema or table that does not exist. */
export const isMissing = (error: unknown): boolean => ['3F000', '42P01'].includes(codeOf(error) ?? '');

/** Of the server's error, also where it counts as an outage. */
const codeOf = (error: unknown): string | undefined => {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return cause?.code ?? code;
};
