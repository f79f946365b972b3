import { newId } from '@seam/kernel';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { eventually } from '@seam/testing';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { added, TallyTables1760000098000, tallyView } from '../testing/tally.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { Projector } from './projector.js';
import { eventMigrations } from './event-migrations.js';

let server: EmbeddedPostgres;
let database: Database;
let store: PostgresEventStore;

beforeAll(async () => {
  server = await startTestServer();
  const url = await createTestDatabase(server, 'fold_projection');
  const migrations = [...eventMigrations, TallyTables1760000098000];
  database = await Database.open({ name: 'test', url, migrations });
  store = new PostgresEventStore(database.pool);
});
beforeEach(() => database.query('truncate events, projection, tally_view, set_aside'));
afterAll(async () => {
  await database.close();
  await server.stop();
});

const sumsOfRows = async (): Promise<number[]> =>
  (await database.query<{ sum: number }>('select sum from tally_view order by id')).map(({ sum }) => sum);

describe('the states that a projection caches', () => {
  it('are not used if another process has applied later events meanwhile', async () => {
    const [one, other] = [new Projector(database, tallyView()), new Projector(database, tallyView())];
    const stream = `tally-${newId()}`;
    for (const [version, projector] of [one, other, one, one, other].entries()) {
      await store.append([{ stream, expectedVersion: version, events: [added(10 ** version)] }]);
      await eventually(async () => {
        await projector.catchUp();
        expect(await sumsOfRows()).toEqual([Number('1'.repeat(version + 1))]);
      });
    }
  });

  it('are not used if their transaction was rolled back', async () => {
    const kept = tallyView();
    const stream = `tally-${newId()}`;
    const projector = new Projector(database, kept);
    await store.append([{ stream, expectedVersion: 0, events: [added(1)] }]);
    await eventually(async () => {
      await projector.catchUp();
      expect(await sumsOfRows()).toEqual([1]);
    });
    await store.append([{ stream, expectedVersion: 1, events: [added(10)] }]);
    const client = await database.pool.connect();
    await client.query('begin');
    await kept.apply(await store.read(stream, 1), client);
    await client.query('rollback');
    client.release();
    await store.append([{ stream, expectedVersion: 2, events: [added(100)] }]);
    await eventually(async () => {
      await projector.catchUp();
      expect(await sumsOfRows()).toEqual([111]);
    });
  });
});
