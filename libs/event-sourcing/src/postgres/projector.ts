import type { Database } from '@seam/persistence';
import type { PoolClient } from 'pg';
import type { Position } from '../event-store.js';
import type { Projection } from '../projection.js';
import { ProjectorLoop, type ProjectorOptions } from '../projector-loop.js';
import { PostgresEventStore } from './postgres-event-store.js';

/**
 * Keeps one projection up to date. The checkpoint's row is its lock: of several processes one applies at a time, and
 * checkpoint and read model move in the same transaction.
 */
export class Projector extends ProjectorLoop {
  constructor(
    private readonly database: Pick<Database, 'transaction'>,
    private readonly projection: Projection,
    options: ProjectorOptions = {},
  ) {
    super(projection.name, options);
  }

  /** In one transaction. */
  override rebuild(): Promise<number> {
    return this.#apply(true);
  }

  protected override applyNext(): Promise<number> {
    return this.#apply(false);
  }

  #apply(rebuild: boolean): Promise<number> {
    return this.database.transaction(async (client) => {
      let position = await this.#lockCheckpoint(client);
      if (rebuild) {
        await this.projection.clear(client);
        position = undefined;
      }
      const store = new PostgresEventStore(client);
      let total = 0;
      for (;;) {
        const events = await store.readAll(this.projection.category, position, this.batch);
        const last = events.at(-1);
        if (last === undefined) return total;
        await this.projection.apply(events, client);
        position = last.position;
        total += events.length;
        await client.query('update projection set tx = $2::text::xid8, seq = $3 where name = $1', [
          this.projection.name,
          position.tx,
          position.seq,
        ]);
        if (!rebuild || events.length < this.batch) return total;
      }
    });
  }

  async #lockCheckpoint(client: PoolClient): Promise<Position | undefined> {
    const { name } = this.projection;
    const select = 'select tx::text, seq::text from projection where name = $1 for update';
    const { rows } = await client.query<Position>(select, [name]);
    if (rows[0] !== undefined) return rows[0];
    await client.query("insert into projection values ($1, '0'::xid8, 0) on conflict do nothing", [name]);
    const inserted = await client.query<Position>(select, [name]);
    return inserted.rows[0];
  }
}
