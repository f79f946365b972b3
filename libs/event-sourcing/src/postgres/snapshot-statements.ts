import type { RecordedEvent, StreamHistory } from '../event-store.js';
import { COLUMNS, type EventRow, recorded } from './event-row.js';

/**
 * The snapshots of the streams of $1, of the shapes of $2, as rows without a type; and the events after them, or all events of
 * streams without one. Each stream is found by its key, whatever statistics the server has.
 */
export const READ_SINCE = `with wanted as (select * from unnest($1::text[], $2::integer[]) as w(stream, shape)),
  taken as materialized (
    select w.stream, s.version, s.state
    from wanted w left join lateral (
      select version, state from snapshot s where s.stream = w.stream and s.shape = w.shape offset 0
    ) s on true
  )
  select stream, version, null as type, state as data, null as at, null as schema_version from taken where version > 0
  union all
  select ${COLUMNS}
  from (
    select e.* from taken t cross join lateral (
      select ${COLUMNS} from events e where e.stream = t.stream and e.version > coalesce(t.version, 0) offset 0
    ) e
  ) as later
  order by stream, version`;

/** $1: an array of snapshots. */
export const SAVE_SNAPSHOTS = `insert into snapshot as s (stream, version, shape, state)
  select stream, version, shape, state
  from json_to_recordset($1::json) as r(stream text, version integer, shape integer, state json)
  on conflict (stream) do update set version = excluded.version, shape = excluded.shape, state = excluded.state
  where s.shape <> excluded.shape or s.version < excluded.version`;

interface Found {
  snapshot?: NonNullable<StreamHistory['snapshot']>;
  readonly events: RecordedEvent[];
}

/** Of the rows of {@link READ_SINCE}. */
export function historiesOf(
  rows: readonly (Omit<EventRow, 'type'> & { type: string | null })[],
): Map<string, StreamHistory> {
  const histories = new Map<string, Found>();
  for (const row of rows) {
    const { stream, version, type, data } = row;
    const of = histories.get(stream) ?? { events: [] };
    histories.set(stream, of);
    if (type === null) of.snapshot = { version, state: data };
    else of.events.push(recorded({ ...row, type }));
  }
  return histories;
}
