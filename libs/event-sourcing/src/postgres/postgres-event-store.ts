import { type Fragment, translateConflict } from '@seam/messaging/postgres';
import type { Pool, QueryConfig } from 'pg';
import type { AppendedEvent } from '../deciding.js';
import type { EventMetadata, NewEvent } from '../event.js';
import {
  EventStore,
  type Position,
  type PositionedEvent,
  type RecordedEvent,
  type Snapshot,
  type StreamAppend,
  type StreamHistory,
} from '../event-store.js';
import {
  COLUMNS,
  type EventRow,
  insertedValues,
  METADATA_COLUMNS,
  positioned,
  recorded,
  recordedWithMetadata,
} from './event-row.js';
import { decrypted } from '../personal-data.js';
import { isoTimes } from './iso-time.js';
import { historiesOf, READ_SINCE, SAVE_SNAPSHOTS } from './snapshot-statements.js';
import { PostgresPersonalKeys } from './postgres-personal-keys.js';

/** An append in which each event has the metadata of its work. */
export interface RowsAppend extends Omit<StreamAppend, 'events'> {
  readonly events: readonly AppendedEvent[];
}

/**
 * The rows of an append. The primary key refuses a version that exists already; `after`, on a stream's first event in the
 * append, makes the server check that its predecessor exists: so neither a lost race nor a gap is stored. (Not by `exists`:
 * planned while the table is small, it would scan the whole table for each batch.)
 */
export const appendFragment = (appends: readonly RowsAppend[]): Fragment => ({
  sql: (parameter) =>
    `insert into events (${COLUMNS}, ${METADATA_COLUMNS})
     select stream, version,
            case when after is null or (select true from events e where e.stream = r.stream and e.version = r.after)
              then type else events_conflict(stream, after) end,
            data, at, schema_version, ${METADATA_COLUMNS}
     from json_to_recordset(${parameter}) as r(stream text, version integer, type text, data json, at timestamptz,
       schema_version smallint, causation_id uuid, trace_id uuid, correlation_id uuid, metadata json, after integer)`,
  rows: appends.flatMap(({ stream, expectedVersion, events }) =>
    events.map((event, index) => ({
      stream,
      version: expectedVersion + index + 1,
      ...insertedValues(event),
      ...(index === 0 && expectedVersion > 0 ? { after: expectedVersion } : {}),
    })),
  ),
});

/**
 * Every transaction of this database below `bound.tx` has ended and is visible, so no event can appear later at a
 * position before one that was already returned. The bound is the oldest running transaction of the statement's
 * snapshot that may belong to this database (including prepared transactions and this one itself); if there is none, it
 * is the first transaction id that was not assigned yet.
 *
 * The snapshot includes the transactions of the whole server. A transaction is ignored only if it is proven to belong
 * to another database: an id belongs to one transaction for ever, and the proof is read after the snapshot. If this is
 * not proven, because the transaction ended or was prepared meanwhile, it limits this read, and the next one no longer.
 * Transactions that get their id after the snapshot are not below the bound.
 */
const BOUND = `with elsewhere as materialized (
               select backend_xid as xid from pg_stat_activity
               where backend_xid is not null and datid <> (select oid from pg_database where datname = current_database())
               union all
               select transaction from pg_prepared_xacts where database <> current_database()
             ), bound as materialized (
               select least(
                 pg_snapshot_xmax(pg_current_snapshot()),
                 pg_current_xact_id_if_assigned(),
                 (select running from pg_snapshot_xip(pg_current_snapshot()) as running
                  where not exists (select from elsewhere where elsewhere.xid = running::xid)
                  order by running limit 1)
               ) as tx
             )`;

/**
 * The events after $1 and $2 in their order. `offset 0` keeps the planner from filtering by category first: while it
 * has no statistics of the table, it would read the whole category by the primary key for each batch.
 */
const inOrder = (condition = ''): string => `(
  select * from events where (tx, seq) > ($1::text::xid8, $2::bigint) ${condition} order by tx, seq offset 0
) as e where starts_with(stream, $3)`;

/** Null for version 1, so that the rows of most events have no more than their columns of before. */
const schemaVersionOf = ({ schemaVersion = 1 }: NewEvent): number | null =>
  schemaVersion === 1 ? null : schemaVersion;

/**
 * The statement for one event of a new stream; undefined for any other append. It has no predecessor to check, so it needs
 * no recordset, which would take the server longer than the insert itself.
 */
function onlyFirstEvent(appends: readonly StreamAppend[]): QueryConfig | undefined {
  const [append, another] = appends;
  const [event, second] = append?.events ?? [];
  if (append?.expectedVersion !== 0 || another !== undefined || event === undefined || second !== undefined)
    return undefined;
  return {
    name: 'seam_events_append_first',
    text: 'insert into events (stream, version, type, data, at, schema_version) values ($1, 1, $2, $3, $4, $5)',
    values: [append.stream, event.type, JSON.stringify(event.data), event.at, schemaVersionOf(event)],
  };
}

const withMetadata = (append: StreamAppend, metadata: EventMetadata | undefined): RowsAppend =>
  metadata === undefined ? append : { ...append, events: append.events.map((event) => ({ ...event, metadata })) };

export class PostgresEventStore extends EventStore {
  override readonly personalKeys: PostgresPersonalKeys;

  constructor(private readonly pool: Pick<Pool, 'query'>) {
    super();
    this.personalKeys = new PostgresPersonalKeys(pool);
  }

  async append(appends: readonly StreamAppend[], metadata?: EventMetadata): Promise<void> {
    const first = metadata === undefined ? onlyFirstEvent(appends) : undefined;
    try {
      if (first !== undefined) await this.pool.query(first);
      else await this.#appendAll(appends.map((append) => withMetadata(append, metadata)));
    } catch (error) {
      throw translateConflict(error);
    }
  }

  async #appendAll(appends: readonly RowsAppend[]): Promise<void> {
    const { sql, rows } = appendFragment(appends);
    if (rows.length === 0) return;
    await this.pool.query({ name: 'seam_events_append', text: sql('$1::json'), values: [JSON.stringify(rows)] });
  }

  async read(stream: string, afterVersion = 0): Promise<RecordedEvent[]> {
    const { rows } = await this.pool.query<EventRow>({
      name: 'seam_events_read',
      types: isoTimes,
      text: `select ${COLUMNS}, ${METADATA_COLUMNS} from events where stream = $1 and version > $2 order by version`,
      values: [stream, afterVersion],
    });
    return decrypted(rows.map(recordedWithMetadata), this.personalKeys);
  }

  async readMany(streams: readonly string[]): Promise<Map<string, RecordedEvent[]>> {
    const found = new Map<string, RecordedEvent[]>();
    if (streams.length === 0) return found;
    const { rows } = await this.pool.query<EventRow>({
      name: 'seam_events_read_many',
      types: isoTimes,
      text: `select ${COLUMNS} from events where stream = any($1) order by stream, version`,
      values: [streams],
    });
    for (const event of await decrypted(rows.map(recorded), this.personalKeys)) {
      const events = found.get(event.stream);
      if (events === undefined) found.set(event.stream, [event]);
      else events.push(event);
    }
    return found;
  }

  override async readSince(
    streams: readonly Pick<Snapshot, 'stream' | 'shape'>[],
  ): Promise<Map<string, StreamHistory>> {
    if (streams.length === 0) return new Map();
    const { rows } = await this.pool.query<EventRow>({
      name: 'seam_events_read_since',
      types: isoTimes,
      text: READ_SINCE,
      values: [streams.map(({ stream }) => stream), streams.map(({ shape }) => shape)],
    });
    return historiesOf(await decrypted(rows, this.personalKeys));
  }

  override async saveSnapshots(snapshots: readonly Snapshot[]): Promise<void> {
    await this.pool.query({
      name: 'seam_events_save_snapshots',
      text: SAVE_SNAPSHOTS,
      values: [JSON.stringify(snapshots)],
    });
  }

  /** Ordered by the writing transaction's id, as far as {@link BOUND} lets it. */
  async readAll(category: string, after: Position | undefined, limit: number): Promise<PositionedEvent[]> {
    const { rows } = await this.pool.query<EventRow & { tx: string; seq: string }>({
      name: 'seam_events_read_all',
      types: isoTimes,
      text: `${BOUND}
             select ${COLUMNS}, ${METADATA_COLUMNS}, tx::text, seq::text
             from ${inOrder('and tx < (select tx from bound)')} order by e.tx, e.seq limit $4`,
      values: [after?.tx ?? '0', after?.seq ?? '0', `${category}-`, limit],
    });
    return decrypted(rows.map(positioned), this.personalKeys);
  }

  /** When the first committed event of a category after a position was decided, also if it is still withheld. */
  async nextAt(category: string, after: Position | undefined): Promise<string | undefined> {
    const { rows } = await this.pool.query<Pick<EventRow, 'at'>>({
      name: 'seam_events_next_at',
      types: isoTimes,
      text: `select at from ${inOrder()} order by tx, seq limit 1`,
      values: [after?.tx ?? '0', after?.seq ?? '0', `${category}-`],
    });
    return rows[0]?.at;
  }

  /** The events of these streams up to a position, each stream's in their order. */
  async readUpTo(streams: readonly string[], position: Position): Promise<RecordedEvent[]> {
    const { rows } = await this.pool.query<EventRow>({
      name: 'seam_events_read_up_to',
      types: isoTimes,
      text: `select ${COLUMNS} from events
             where stream = any($1) and (tx, seq) <= ($2::text::xid8, $3::bigint) order by stream, version`,
      values: [streams, position.tx, position.seq],
    });
    return decrypted(rows.map(recorded), this.personalKeys);
  }
}
