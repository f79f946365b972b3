import { eventMigrations, PostgresEventStore } from '@seam/event-sourcing/postgres';
import { newId } from '@seam/kernel';
import { Database } from '@seam/persistence/postgres';
import { compare, load } from './measure.js';

const EVENT = {
  type: 'order-placed',
  data: { sku: 'MUG-BLUE', quantity: 1, total: { amount: 1299, currency: 'EUR' } },
};
const STREAM = 'read-100';

/** Appends and reads of the event store compared with plain statements on a table of the same columns. */
export async function benchEventStore(url: string, o: { inFlight: number; rounds: number }): Promise<void> {
  const database = await Database.open({
    name: 'bench',
    url,
    migrations: [...eventMigrations],
    poolSize: o.inFlight,
  });
  const store = new PostgresEventStore(database.pool);
  await database.query(
    'create table plain (stream text, version integer, type text, data json, at timestamptz, primary key (stream, version))',
  );
  const at = new Date().toISOString();
  const events = Array.from({ length: 100 }, () => ({ ...EVENT, at }));
  await store.append([{ stream: STREAM, expectedVersion: 0, events }]);
  await database.query('insert into plain select stream, version, type, data, at from events');
  await compare({
    title: `Event store: one event to a new stream, ${o.inFlight} in flight`,
    mark: 0.8,
    rounds: o.rounds,
    ours: {
      name: 'append',
      run: () =>
        load(4_000, o.inFlight, () =>
          store.append([{ stream: newId(), expectedVersion: 0, events: [{ ...EVENT, at: new Date().toISOString() }] }]),
        ),
    },
    floor: { name: 'plain insert', run: () => load(4_000, o.inFlight, () => plainInsert(database)) },
  });
  await compare({
    title: `Event store: a stream of 100 events, ${o.inFlight} in flight`,
    mark: 0.9,
    rounds: o.rounds,
    ours: { name: 'read', run: () => load(4_000, o.inFlight, () => store.read(STREAM)) },
    floor: { name: 'plain select', run: () => load(4_000, o.inFlight, () => plainSelect(database)) },
  });
  await database.close();
}

const plainInsert = (database: Database): Promise<unknown> =>
  database.pool.query({
    name: 'plain_insert',
    text: 'insert into plain (stream, version, type, data, at) values ($1, $2, $3, $4, $5)',
    values: [newId(), 1, EVENT.type, JSON.stringify(EVENT.data), new Date().toISOString()],
  });

const plainSelect = (database: Database): Promise<unknown> =>
  database.pool.query({
    name: 'plain_select',
    text: 'select stream, version, type, data, at from plain where stream = $1 order by version',
    values: [STREAM],
  });
