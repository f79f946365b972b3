import type { Database } from '@seam/persistence/postgres';
import type { PoolClient } from 'pg';
import type { Position } from '../event-store.js';
import { entryOf } from '../projection.js';
import { type AppliedEvents, applyEvents, BEGINNING } from './apply-events.js';
import { isReached } from './positions.js';
import type { Projection } from './postgres-projection.js';
import { PostgresShadow } from './postgres-shadow.js';
import { type Applied, ProjectorLoop, type ProjectorOptions } from '../projector-loop.js';
import type { SetAsideEntry } from '../set-asides.js';
import type { StreamPosition } from '../stream-position.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { PostgresSetAsides } from './postgres-set-asides.js';

interface Checkpoint {
  readonly position: Position;
  /**
   * Whether this transaction has the lock and may write; otherwise another one is applying events, or the read model is
   * of a newer version of the projection.
   */
  readonly locked: boolean;
}

/**
 * Keeps one projection up to date. The checkpoint's row is its lock: of several processes, one applies events at a time.
 * Checkpoint, read model and set-aside entries change in the same transaction.
 */
export class Projector extends ProjectorLoop {
  readonly category: string;
  override readonly shadow: PostgresShadow;

  /** @param rebuilt the same projection as another object, for rebuilds, so that they do not displace its cached states */
  constructor(
    private readonly database: Pick<Database, 'transaction'>,
    private readonly projection: Projection,
    options: ProjectorOptions = {},
    rebuilt: Projection = projection,
  ) {
    super(projection.name, options);
    this.category = projection.category;
    this.shadow = new PostgresShadow(database, rebuilt, options.rebuildChunk);
  }

  override retry(streams: readonly string[], wait = true): Promise<readonly string[]> {
    return this.database.transaction(async (client) => {
      const { position, locked } = await this.#checkpoint(client, wait);
      // Not by a process of an older version of the projection, either.
      if (!locked) return [];
      const asides = new PostgresSetAsides(client);
      const left = [...(await asides.among(this.name, streams))];
      const events = await new PostgresEventStore(client).readUpTo(left, position);
      const refused = await this.projection.apply(events, client);
      const failed = new Set(refused.map(({ stream }) => stream));
      const gone = left.filter((stream) => !failed.has(stream));
      await asides.removeStreams(this.name, gone);
      await asides.add(this.name, refused.map(entryOf));
      return gone;
    });
  }

  override setAside(entries: readonly SetAsideEntry[]): Promise<boolean> {
    return this.database.transaction(async (client) => {
      const { locked } = await this.#checkpoint(client, false);
      if (locked) await new PostgresSetAsides(client).add(this.name, entries);
      return locked;
    });
  }

  override has(position: StreamPosition): Promise<boolean | undefined> {
    return this.database.transaction((client) => isReached(client, position, this.name));
  }

  protected override async asideNow(): Promise<readonly string[]> {
    const aside = await this.database.transaction((client) => new PostgresSetAsides(client).of(this.name));
    return aside.map(({ stream }) => stream);
  }

  protected override applyNext(): Promise<Applied> {
    return this.database.transaction(async (client) => {
      const { position, locked } = await this.#checkpoint(client, false);
      // If another process is applying events, this one only reads its progress.
      const { events, position: reached } = locked ? await this.#apply(client, position) : { events: 0, position };
      const waiting = await new PostgresEventStore(client).nextAt(this.projection.category, reached);
      return { events, ...(waiting === undefined ? {} : { waiting }) };
    });
  }

  async #apply(client: PoolClient, after: Position): Promise<AppliedEvents> {
    const applied = await applyEvents(client, this.projection, after, this.batch);
    this.logSetAside(applied.refused);
    return applied;
  }

  /** Locks the checkpoint if it is free, or if `wait` is set, after waiting for it. */
  async #checkpoint(client: PoolClient, wait: boolean): Promise<Checkpoint> {
    const { version = 1 } = this.projection;
    const read = async (locking: string): Promise<(Position & { version: number }) | undefined> => {
      const select = `select tx::text, seq::text, version from projection where name = $1 ${locking}`;
      return (await client.query<Position & { version: number }>(select, [this.name])).rows[0];
    };
    const mine = await read(wait ? 'for update' : 'for update skip locked');
    if (mine !== undefined) return { position: mine, locked: mine.version <= version };
    const others = await read('');
    if (others !== undefined) return { position: others, locked: false };
    const first =
      "insert into projection (name, tx, seq, version) values ($1, '0'::xid8, 0, $2) on conflict do nothing";
    await client.query(first, [this.name, version]);
    const made = (await read('for update')) ?? { ...BEGINNING, version };
    return { position: made, locked: made.version <= version };
  }
}
