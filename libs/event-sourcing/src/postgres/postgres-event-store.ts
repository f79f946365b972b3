import { type Fragment } from '@seam/messaging';
import type { Pool } from 'pg';
import {
  EventStore,
  type Position,
  type PositionedEvent,
  type RecordedEvent,
  type StreamAppend,
} from '../event-store.js';
import { isoTimes } from './iso-time.js';

interface EventRow {
  stream: string;
  version: number;
  type: string;
  data: unknown;
  at: string;
}

/**
 * The rows of an append. The primary key refuses a version that is there already; `after`, on a stream's first event
 * here, makes the server check that the one before it is: so neither a lost race nor a gap gets in. (Not by `exists`:
 * planned while the table is small, that is a scan of the whole table for each batch.)
 */
export const appendFragment = (appends: readonly StreamAppend[]): Fragment => ({
  sql: (parameter) =>
    `insert into events (stream, version, type, data, at)
     select stream, version,
            case when after is null or (select true from events e where e.stream = r.stream and e.version = r.after)
              then type else events_conflict(stream, after) end,
            data, at
     from json_to_recordset(${parameter}) as r(stream text, version integer, type text, data json, at timestamptz, after integer)`,
  rows: appends.flatMap(({ stream, expectedVersion, events }) =>
    events.map(({ type, data, at }, index) => ({
      stream,
      version: expectedVersion + index + 1,
      type,
      data,
      at,
      ...(index === 0 && expectedVersion > 0 ? { after: expectedVersion } : {}),
    })),
  ),
});

const recorded = ({ stream, version, type, data, at }: EventRow): RecordedEvent => ({
  stream,
  version,
  type,
  data,
  at,
});

export class PostgresEventStore extends EventStore {
  constructor(private readonly pool: Pick<Pool, 'query'>) {
    super();
  }

  async append(appends: readonly StreamAppend[]): Promise<void> {
    const { sql, rows } = appendFragment(appends);
    if (rows.length === 0) return;
    await this.pool.query({ name: 'seam_events_append', text: sql('$1::json'), values: [JSON.stringify(rows)] });
  }

  async read(stream: string, afterVersion = 0): Promise<RecordedEvent[]> {
    const { rows } = await this.pool.query<EventRow>({
      name: 'seam_events_read',
      types: isoTimes,
      text: 'select stream, version, type, data, at from events where stream = $1 and version > $2 order by version',
      values: [stream, afterVersion],
    });
    return rows.map(recorded);
  }

  async readMany(streams: readonly string[]): Promise<Map<string, RecordedEvent[]>> {
    const found = new Map<string, RecordedEvent[]>();
    if (streams.length === 0) return found;
    const { rows } = await this.pool.query<EventRow>({
      name: 'seam_events_read_many',
      types: isoTimes,
      text: 'select stream, version, type, data, at from events where stream = any($1) order by stream, version',
      values: [streams],
    });
    for (const row of rows) {
      const events = found.get(row.stream);
      if (events === undefined) found.set(row.stream, [recorded(row)]);
      else events.push(recorded(row));
    }
    return found;
  }

  /**
   * Ordered by the writing transaction's id, bounded by the oldest one still running: a transaction below that bound
   * has ended, so nothing can appear behind a position once it was given out.
   */
  async readAll(category: string, after: Position | undefined, limit: number): Promise<PositionedEvent[]> {
    const { rows } = await this.pool.query<EventRow & { tx: string; seq: string }>({
      name: 'seam_events_read_all',
      types: isoTimes,
      text: `select stream, version, type, data, at, tx::text, seq::text from events
             where (tx, seq) > ($1::text::xid8, $2::bigint) and tx < pg_snapshot_xmin(pg_current_snapshot())
               and starts_with(stream, $3)
             order by events.tx, events.seq limit $4`,
      values: [after?.tx ?? '0', after?.seq ?? '0', `${category}-`, limit],
    });
    return rows.map((row) => ({ ...recorded(row), position: { tx: row.tx, seq: row.seq } }));
  }
}
