import { Logger } from '@nestjs/common';
import type { Database } from '@seam/persistence';
import type { PoolClient } from 'pg';
import type { Position } from '../event-store.js';
import type { Projection } from '../projection.js';
import { PostgresEventStore } from './postgres-event-store.js';

export interface ProjectorOptions {
  /** Between looks when nobody wakes it, ms: other processes append, too. */
  readonly everyMs?: number;
  /** From being woken to looking, ms. */
  readonly gatherMs?: number;
  /** Between runs under load, ms: events gather, and the rows that many of them change are written once. */
  readonly spacingMs?: number;
  /** Events of one run: few enough that requests are not kept waiting meanwhile. */
  readonly batch?: number;
}

/**
 * Keeps one projection up to date. The checkpoint's row is its lock: of several processes one applies at a time, and
 * checkpoint and read model move in the same transaction.
 */
export class Projector {
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #dueAt = Infinity;
  #ranAt = 0;
  #stopped = true;
  #active = false;

  constructor(
    private readonly database: Pick<Database, 'transaction'>,
    readonly projection: Projection,
    private readonly options: ProjectorOptions = {},
  ) {
    this.#log = new Logger(`Projector ${projection.name}`);
  }

  start(): void {
    this.#stopped = false;
    this.#in(0);
  }

  /** Something was appended: look soon, but not more often than twice a second. */
  wake(): void {
    const { gatherMs = 20, spacingMs = 500 } = this.options;
    this.#in(Math.max(gatherMs, this.#ranAt + spacingMs - Date.now()));
  }

  /** Ends with the batch it is at. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** Applies what there is now; resolves with the number of events. */
  async catchUp(): Promise<number> {
    let total = 0;
    for (;;) {
      const applied = await this.#apply(false);
      total += applied;
      if (applied < this.#batch) return total;
    }
  }

  /** Empties the read model and makes it anew from the first event, in one transaction: readers see the old one until then. */
  rebuild(): Promise<number> {
    return this.#apply(true);
  }

  get #batch(): number {
    return this.options.batch ?? 250;
  }

  #in(ms: number): void {
    const dueAt = Date.now() + ms;
    if (this.#stopped || dueAt >= this.#dueAt) return;
    this.#dueAt = dueAt;
    // Never a second run beside the first: it would hold a connection only to wait for the checkpoint.
    if (this.#active) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, ms);
  }

  async #run(): Promise<void> {
    this.#active = true;
    this.#dueAt = Infinity;
    this.#ranAt = Date.now();
    try {
      while (!this.#stopped && (await this.#apply(false)) >= this.#batch);
    } catch (error) {
      if (!this.#stopped) this.#log.warn(`will try again: ${String(error)}`);
    }
    this.#active = false;
    const woken = this.#dueAt - Date.now();
    this.#dueAt = Infinity;
    this.#in(Math.max(0, Math.min(woken, this.options.everyMs ?? 1_000)));
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
        const events = await store.readAll(this.projection.category, position, this.#batch);
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
        if (!rebuild || events.length < this.#batch) return total;
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
