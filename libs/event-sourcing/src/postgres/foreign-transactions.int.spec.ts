import { Logger } from '@nestjs/common';
import { Database, type MigrationClass } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { eventually } from '@seam/testing';
import type { PoolClient } from 'pg';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import type { PositionedEvent } from '../event-store.js';
import { added } from '../testing/tally.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { eventMigrations } from './event-migrations.js';

let server: EmbeddedPostgres;
let database: Database;
let other: Database;
let own: PoolClient;
let theirs: PoolClient;
let appended = 0;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestServer({ max_prepared_transactions: '5' });
  const open = async (name: string, migrations: MigrationClass[]): Promise<Database> =>
    Database.open({ name, url: await createTestDatabase(server, name), migrations });
  database = await open('ours', [...eventMigrations]);
  other = await open('theirs', []);
  await other.query('create table written (n integer)');
});
beforeEach(async () => {
  await database.query('truncate events');
  [own, theirs] = [await database.pool.connect(), await other.pool.connect()];
});
afterEach(() => {
  own.release();
  theirs.release();
});
afterAll(async () => {
  await database.close();
  await other.close();
  await server.stop();
});

const append = (n: number, by: Pick<PoolClient, 'query'> = database.pool): Promise<void> =>
  new PostgresEventStore(by).append([{ stream: `tally-${(appended += 1)}`, expectedVersion: 0, events: [added(n)] }]);
const numbers = (events: readonly PositionedEvent[]): number[] => events.map(({ data }) => (data as { n: number }).n);
const seen = async (by: Pick<PoolClient, 'query'> = database.pool): Promise<number[]> =>
  numbers(await new PostgresEventStore(by).readAll('tally', undefined, 1_000));
/** Assigns a transaction id, as in a transaction that has written. */
const BEGIN = 'begin; select pg_current_xact_id()';

describe('a transaction in another database of the server', () => {
  it('withholds no event, whether it is open or prepared', async () => {
    const prepared = await other.pool.connect();
    for (const client of [theirs, prepared]) await client.query('begin; insert into written values (1)');
    await prepared.query("prepare transaction 'theirs'");
    for (const n of [1, 2, 3]) await append(n);
    expect(await seen()).toEqual([1, 2, 3]);
    await prepared.query("rollback prepared 'theirs'");
    await theirs.query('rollback');
    prepared.release();
  });

  it('does not prevent waiting for our own transactions, open and prepared', async () => {
    await theirs.query(BEGIN);
    await own.query('begin');
    await append(1, own);
    await append(2);
    expect(await seen()).toEqual([]);
    await own.query("prepare transaction 'ours'");
    expect(await seen()).toEqual([]);
    await own.query("commit prepared 'ours'");
    expect(await seen()).toEqual([1, 2]);
    await theirs.query('rollback');
  });

  it('is recognised by a role without privileges, too', async () => {
    await theirs.query(BEGIN);
    await append(1);
    await own.query('create role nobody_special; grant select on events to nobody_special');
    await own.query('set role nobody_special');
    expect(await seen(own)).toEqual([1]);
    await own.query('reset role; revoke all on events from nobody_special; drop role nobody_special');
    await theirs.query('rollback');
  });

  it('together with one of ours that has an id but no events yet: only ours is waited for', async () => {
    await theirs.query(BEGIN);
    await own.query(BEGIN);
    await append(2);
    expect(await seen()).toEqual([]);
    await append(1, own);
    await own.query('commit');
    expect(await seen()).toEqual([1, 2]);
    await theirs.query('rollback');
  });

  it('does not change the order, however many begin and end in between', async () => {
    const noise = { on: true };
    const writing = [1, 2, 3].map(async () => {
      while (noise.on) await other.transaction((client) => client.query('insert into written values (1)'));
    });
    const live: number[] = [];
    const reading = (async () => {
      let after: PositionedEvent['position'] | undefined;
      while (noise.on || live.length < 120) {
        const events = await new PostgresEventStore(database.pool).readAll('tally', after, 5);
        live.push(...numbers(events));
        after = events.at(-1)?.position ?? after;
      }
    })();
    const writers = [0, 1, 2].map(async (writer) => {
      for (let round = 0; round < 40; round += 1)
        await database.transaction(async (client) => {
          // The transaction gets its id some time before it appends.
          await client.query('select pg_current_xact_id()');
          await new Promise((run) => setTimeout(run, (round * (writer + 1)) % 7));
          await append(writer * 100 + round, client);
        });
    });
    await Promise.all(writers);
    await eventually(() => expect(live).toHaveLength(120), { withinMs: 20_000 });
    noise.on = false;
    await Promise.all([...writing, reading]);
    expect(await seen()).toEqual(live);
  }, 30_000);
});
