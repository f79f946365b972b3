import type { Queryable } from '@seam/messaging/postgres';
import {
  NAMED_STREAMS,
  type SetAside,
  type SetAsideCount,
  type SetAsideEntry,
  type SetAsideQuery,
  SetAsides,
  setAsideId,
} from '../set-asides.js';

const COLUMNS = 'id, what, stream, position, reason, since';

/** The entries of the table `set_aside`; with a transaction's client, in that transaction. */
export class PostgresSetAsides extends SetAsides {
  constructor(private readonly db: Queryable) {
    super();
  }

  override async add(what: string, entries: readonly SetAsideEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const rows = entries.map((entry) => ({ ...entry, id: setAsideId(what, entry.stream) }));
    await this.db.query(
      `insert into set_aside (id, what, stream, position, reason)
       select id, $1, stream, position, reason
       from json_to_recordset($2::json) as r(id uuid, stream text, position text, reason text)
       on conflict (id) do update set position = excluded.position, reason = excluded.reason`,
      [what, JSON.stringify(rows)],
    );
  }

  override async of(what: string): Promise<Pick<SetAside, 'stream' | 'position'>[]> {
    return this.#rows('select stream, position from set_aside where what = $1', [what]);
  }

  /** Those of these streams that are set aside. */
  async among(what: string, streams: readonly string[]): Promise<ReadonlySet<string>> {
    const text = 'select stream from set_aside where what = $1 and stream = any($2)';
    const rows = await this.#rows<Pick<SetAside, 'stream'>>(text, [what, streams]);
    return new Set(rows.map(({ stream }) => stream));
  }

  override async remove(what: string, entries: readonly Pick<SetAside, 'stream' | 'position'>[]): Promise<void> {
    if (entries.length === 0) return;
    await this.db.query(
      `delete from set_aside s using json_to_recordset($2::json) as r(stream text, position text)
       where s.what = $1 and s.stream = r.stream and s.position = r.position`,
      [what, JSON.stringify(entries)],
    );
  }

  /** At whichever position they stopped. */
  async removeStreams(what: string, streams?: readonly string[]): Promise<void> {
    const text = 'delete from set_aside where what = $1 and ($2::text[] is null or stream = any($2))';
    await this.db.query(text, [what, streams]);
  }

  override async find(id: string): Promise<SetAside | undefined> {
    const [found] = await this.#rows<SetAside>(`select ${COLUMNS} from set_aside where id = $1`, [id]);
    return found;
  }

  override list({ what, after, limit }: SetAsideQuery): Promise<SetAside[]> {
    return this.#rows(
      `select ${COLUMNS} from set_aside
       where ($1::text is null or what = $1) and ($2::timestamptz is null or (since, id) > ($2, $3::uuid))
       order by since, id limit $4`,
      [what, after?.since, after?.id, limit],
    );
  }

  override counts(): Promise<SetAsideCount[]> {
    return this.#rows(
      `select what, count(*)::int as count,
              (array_agg(stream order by since, id))[1:${NAMED_STREAMS}] as streams
       from set_aside group by what order by what`,
      [],
    );
  }

  async #rows<R>(text: string, values: unknown[]): Promise<R[]> {
    return (await this.db.query(text, values)).rows as R[];
  }
}
