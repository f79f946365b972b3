import type { Database } from '@seam/persistence/postgres';
import type { PoolClient } from 'pg';
import type { Position } from '../event-store.js';
import {
  type Advanced,
  NewerVersionError,
  RebuildCancelledError,
  ShadowReadModel,
  type ShadowProgress,
} from '../shadow-read-model.js';
import { applyEvents, BEGINNING } from './apply-events.js';
import type { Projection } from './postgres-projection.js';
import { copyTable, isMissing, isStatementTimeout, quoted, replaceTables, shapeOf } from './shadow-tables.js';

/** Events per transaction: some 50 ms of work, so that events that are committed meanwhile are not withheld for longer. */
const CHUNK = 1_000;
/** Chunks that a swap may still apply while it holds the live checkpoint. */
const LAST_CHUNKS = 3;
const SWAP_LOCK_MS = 200;
/** Every tenth attempt waits until the server has cancelled an autovacuum of the table, which it does after a second. */
const LONG_SWAP_LOCK_MS = 1_200;

/** What a schema under construction contains besides the read model's own tables. */
const OWN_TABLES = ['projection', 'set_aside'];

/**
 * Tables of the same names in a schema of their own, with a checkpoint and set-aside entries of their own: the projection
 * fills them by the same statements, because its transactions find them first in the search path. The swap moves them to
 * the live schema. Deleting the schema cancels the rebuild, whichever process runs it.
 */
export class PostgresShadow extends ShadowReadModel {
  readonly #schema: string;
  readonly #chunk: number;
  readonly #version: number;
  #attempts = 0;

  constructor(
    private readonly database: Pick<Database, 'transaction'>,
    private readonly projection: Projection,
    chunk = CHUNK,
  ) {
    super();
    this.#schema = `rebuild_${projection.name}`;
    this.#chunk = chunk;
    this.#version = projection.version ?? 1;
  }

  override async due(): Promise<boolean> {
    const { live, shadow } = await this.#versions();
    if (shadow !== undefined && shadow > this.#version) return false;
    if (live !== undefined && live > this.#version) return false;
    return shadow === this.#version || (live !== undefined && live < this.#version);
  }

  override async begin(): Promise<void> {
    const { shadow, live = 0 } = await this.#versions();
    if (Math.max(live, shadow ?? 0) > this.#version) throw new NewerVersionError(this.projection.name);
    if (shadow === this.#version && (await this.#isCurrent())) return;
    await this.discard();
    const total = await this.#count();
    await this.database.transaction(async (client) => {
      const live = await liveSchema(client);
      const schema = quoted(this.#schema);
      await client.query(`create schema ${schema}`);
      for (const table of [...this.projection.tables, ...OWN_TABLES])
        await copyTable(client, live, this.#schema, table);
      await client.query(
        `create table ${schema}.building (since timestamptz not null, events bigint not null, total bigint)`,
      );
      await client.query(`insert into ${schema}.building values (now(), 0, $1)`, [total]);
      await client.query(`insert into ${schema}.projection (name, tx, seq, version) values ($1, '0'::xid8, 0, $2)`, [
        this.projection.name,
        this.#version,
      ]);
    });
  }

  override progress(): Promise<ShadowProgress | undefined> {
    return this.database.transaction(async (client) => {
      const building = `${quoted(this.#schema)}.building`;
      const found = await client.query<{ known: boolean }>('select to_regclass($1) is not null as known', [building]);
      if (found.rows[0]?.known !== true) return undefined;
      const [row] = (
        await client.query<{ since: Date; events: string; total: string | null }>(
          `select since, events, total from ${building}`,
        )
      ).rows;
      if (row === undefined) return undefined;
      return {
        since: row.since,
        events: Number(row.events),
        total: row.total === null ? undefined : Number(row.total),
      };
    });
  }

  override async advance(): Promise<Advanced> {
    return this.#orCancelled(() =>
      this.database.transaction(async (client) => {
        const { position } = await this.#enter(client);
        const applied = await applyEvents(client, this.projection, position, this.#chunk);
        return { events: await this.#counted(client, applied.events), caughtUp: applied.events < this.#chunk };
      }),
    );
  }

  override async swap(): Promise<number | undefined> {
    this.#attempts += 1;
    const lockMs = this.#attempts % 10 === 0 ? LONG_SWAP_LOCK_MS : SWAP_LOCK_MS;
    if (this.#attempts % 10 === 1) await this.#analyze();
    const swapped = await this.#orCancelled(() => this.database.transaction((client) => this.#swap(client, lockMs)));
    if (swapped !== undefined) this.#attempts = 0;
    if (swapped !== 'reshaped') return swapped;
    // A migration has changed the live tables since the rebuild began: what was built does not fit any more.
    await this.begin();
    return undefined;
  }

  override async discard(): Promise<boolean> {
    return this.database
      .transaction(async (client) => {
        // Like a chunk, first the checkpoint: otherwise each could hold a table that the other one waits for.
        await client.query(`lock table ${quoted(this.#schema)}.projection in access exclusive mode`);
        await client.query(`drop schema ${quoted(this.#schema)} cascade`);
        return true;
      })
      .catch((error: unknown) => {
        if (isMissing(error)) return false;
        throw error;
      });
  }

  async #swap(client: PoolClient, lockMs: number): Promise<number | 'reshaped' | undefined> {
    const live = await liveSchema(client);
    const liveAt = await lockLive(client, this.projection.name, this.#version);
    if (liveAt === undefined) return undefined;
    let { position } = await this.#enter(client);
    let total = 0;
    for (let chunk = 1, last = this.#chunk; last === this.#chunk; chunk += 1) {
      if (chunk > LAST_CHUNKS) return undefined;
      const applied = await applyEvents(client, this.projection, position, this.#chunk);
      ({ events: last, position } = applied);
      total = await this.#counted(client, last);
    }
    if (isBefore(position, liveAt)) return undefined;
    const { tables } = this.projection;
    const replaced = await replaceTables(client, { live, shadow: this.#schema, tables, lockMs });
    if (replaced !== 'replaced') return replaced === 'reshaped' ? replaced : undefined;
    await this.#replaceCheckpoint(client, live);
    return total;
  }

  /** Moves checkpoint and set-aside entries to the live tables; a stream that was set aside before keeps its time. */
  async #replaceCheckpoint(client: PoolClient, live: string): Promise<void> {
    const [from, to] = [quoted(this.#schema), quoted(live)];
    const name = [this.projection.name];
    await client.query(
      `update ${to}.projection l set tx = s.tx, seq = s.seq, version = s.version from ${from}.projection s where l.name = $1 and s.name = $1`,
      name,
    );
    await client.query(
      `delete from ${to}.set_aside l
       where what = $1 and not exists (select from ${from}.set_aside s where s.what = $1 and s.stream = l.stream)`,
      name,
    );
    await client.query(
      `insert into ${to}.set_aside (id, what, stream, position, reason, since)
       select id, what, stream, position, reason, since from ${from}.set_aside where what = $1
       on conflict (id) do update set position = excluded.position, reason = excluded.reason`,
      name,
    );
    await client.query(`drop schema ${from} cascade`);
  }

  /** Locks the shadow's checkpoint, and puts its schema first in the search path, until the transaction ends. */
  async #enter(client: PoolClient): Promise<{ readonly position: Position }> {
    const { rows } = await client.query<Position>(
      `select tx::text, seq::text from ${quoted(this.#schema)}.projection where name = $1 for update`,
      [this.projection.name],
    );
    const path = "set_config('search_path', $1 || ', ' || current_setting('search_path'), true)";
    await client.query(`select ${path}`, [quoted(this.#schema)]);
    return { position: rows[0] ?? BEGINNING };
  }

  /** Those of the live checkpoint and of the one under construction, as far as they exist. */
  async #versions(): Promise<{ readonly live?: number; readonly shadow?: number }> {
    return this.database.transaction(async (client) => {
      const of = async (table: string): Promise<number | undefined> => {
        const text = `select version from ${table} where name = $1`;
        return (await client.query<{ version: number }>(text, [this.projection.name])).rows[0]?.version;
      };
      const shadow = `${quoted(this.#schema)}.projection`;
      const found = await client.query<{ known: boolean }>('select to_regclass($1) is not null as known', [shadow]);
      const live = await of('projection');
      const building = found.rows[0]?.known === true ? await of(shadow) : undefined;
      return { ...(live === undefined ? {} : { live }), ...(building === undefined ? {} : { shadow: building }) };
    });
  }

  async #counted(client: PoolClient, events: number): Promise<number> {
    const { rows } = await client.query<{ events: string }>(
      `update ${quoted(this.#schema)}.building set events = events + $1 returning events`,
      [events],
    );
    return Number(rows[0]?.events ?? events);
  }

  /** Whether one is under construction whose tables are of the live ones' shape. */
  async #isCurrent(): Promise<boolean> {
    if ((await this.progress()) === undefined) return false;
    const same = await this.database
      .transaction(async (client) => {
        const live = await liveSchema(client);
        for (const table of this.projection.tables)
          if ((await shapeOf(client, live, table)) !== (await shapeOf(client, this.#schema, table))) return false;
        return true;
      })
      .catch((error: unknown) => {
        if (isMissing(error)) return false;
        throw error;
      });
    return same;
  }

  /** The number of the category's events; undefined if it takes longer than a statement may. */
  async #count(): Promise<number | undefined> {
    const counted = this.database.transaction(async (client) => {
      const text = 'select count(*) as n from events where starts_with(stream, $1)';
      const { rows } = await client.query<{ n: string }>(text, [`${this.projection.category}-`]);
      return Number(rows[0]?.n ?? 0);
    });
    return counted.catch((error: unknown) => {
      if (isStatementTimeout(error)) return undefined;
      throw error;
    });
  }

  /** A table without statistics would be read by bad plans right after the swap. */
  async #analyze(): Promise<void> {
    const names = this.projection.tables.map((table) => `${quoted(this.#schema)}.${quoted(table)}`);
    if (names.length === 0) return;
    await this.#orCancelled(() => this.database.transaction((client) => client.query(`analyze ${names.join(', ')}`)));
  }

  async #orCancelled<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isMissing(error) && (await this.progress()) === undefined)
        throw new RebuildCancelledError(this.projection.name);
      throw error;
    }
  }
}

async function liveSchema(client: PoolClient): Promise<string> {
  const { rows } = await client.query<{ live: string }>('select current_schema() as live');
  return rows[0]?.live ?? 'public';
}

/** The live checkpoint, which does not move until the transaction ends; undefined if its projector is at work. */
async function lockLive(client: PoolClient, name: string, version: number): Promise<Position | undefined> {
  const first = "insert into projection (name, tx, seq, version) values ($1, '0'::xid8, 0, $2) on conflict do nothing";
  await client.query(first, [name, version]);
  const text = 'select tx::text, seq::text, version from projection where name = $1 for update skip locked';
  const [live] = (await client.query<Position & { version: number }>(text, [name])).rows;
  if (live !== undefined && live.version > version) throw new NewerVersionError(name);
  return live;
}

const isBefore = (a: Position, b: Position): boolean =>
  BigInt(a.tx) === BigInt(b.tx) ? BigInt(a.seq) < BigInt(b.seq) : BigInt(a.tx) < BigInt(b.tx);
