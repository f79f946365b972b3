import { eventMigrations, PostgresEventStore, PostgresSetAsides, Projector } from '@seam/event-sourcing/postgres';
import { newId } from '@seam/kernel';
import { Database, type MigrationClass } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { eventually } from '@seam/testing';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { OrderList1764200300000 } from '../migrations/order-list.js';
import { OrderSearch1764200100000 } from '../migrations/order-search.js';
import { OrdersTables1760000010000 } from '../migrations/orders-tables.js';
import { describeOrderFinder } from '../ports/order-finder.suite.js';
import { cancellationRequested, cancelled, confirmed, placed, shipped } from '../testing/an-order.js';
import { orderList } from './order-list.js';
import { PostgresOrderFinder } from './postgres-order-finder.js';

const before: MigrationClass[] = [...eventMigrations, OrdersTables1760000010000, OrderSearch1764200100000];
const migrations = [...before, OrderList1764200300000];

let server: EmbeddedPostgres;
const opened: Database[] = [];

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  for (const database of opened) await database.close();
  await server.stop();
});

async function open(url: string, of = migrations): Promise<Database> {
  const database = await Database.open({ name: 'test', url, migrations: of });
  opened.push(database);
  return database;
}

describeOrderFinder('PostgreSQL', async () => {
  const database = await open(await createTestDatabase(server, 'order_finder'));
  return {
    finder: new PostgresOrderFinder(database),
    store: new PostgresEventStore(database.pool),
    projector: new Projector(database, orderList()),
  };
});

type Events = Parameters<PostgresEventStore['append']>[0][number]['events'];
const appendTo = (database: Database, id: string, version: number, ...events: Events): Promise<void> =>
  new PostgresEventStore(database.pool).append([{ stream: `order-${id}`, expectedVersion: version, events }]);
const placedAs = (id: string) => ({ ...placed, data: { ...placed.data, orderId: id } });

describe('the rows of the list of orders', () => {
  it('are written when an order is placed and when its shown status changes, without touching an index', async () => {
    const database = await open(await createTestDatabase(server, 'order_rows'));
    const projector = new Projector(database, orderList());
    const id = newId();
    const batches: [number, ...Events][] = [
      [0, placedAs(id), confirmed],
      [2, cancellationRequested],
      [3, cancelled],
    ];
    for (const [version, ...events] of batches) {
      await appendTo(database, id, version, ...events);
      await eventually(async () => expect(await projector.catchUp()).toBe(events.length));
    }
    const other = newId();
    await appendTo(database, other, 0, placedAs(other), cancellationRequested);
    await eventually(async () => expect(await projector.catchUp()).toBe(2));
    await appendTo(database, other, 2, confirmed);
    await eventually(async () => expect(await projector.catchUp()).toBe(1));
    await eventually(async () =>
      expect(
        await database.query(
          `select n_tup_ins::int as inserted, n_tup_upd::int as updated, n_tup_hot_upd::int as hot
           from pg_stat_user_tables where relname = 'order_list'`,
        ),
      ).toEqual([{ inserted: 2, updated: 2, hot: 2 }]),
    );
  });

  it('agree with the listed orders, even if these have changed since', async () => {
    const database = await open(await createTestDatabase(server, 'order_behind'));
    const id = newId();
    await appendTo(database, id, 0, placedAs(id), confirmed);
    const projector = new Projector(database, orderList());
    await eventually(async () => expect(await projector.catchUp()).toBe(2));
    await appendTo(database, id, 2, shipped);
    const finder = new PostgresOrderFinder(database);
    expect(await finder.list({ status: 'confirmed', limit: 9 })).toMatchObject([{ id, status: 'confirmed' }]);
    await eventually(async () => expect(await projector.catchUp()).toBe(1));
    expect(await finder.list({ limit: 9 })).toMatchObject([{ id, status: 'shipped', shipment: { tracking: 'JD01' } }]);
  });

  it('are shown for an order that cannot be read at all', async () => {
    const database = await open(await createTestDatabase(server, 'order_unreadable'));
    const id = newId();
    await appendTo(database, id, 0, placedAs(id));
    const projector = new Projector(database, orderList());
    await eventually(async () => expect(await projector.catchUp()).toBe(1));
    await database.query(`update events set type = 'order-of-tomorrow'`);
    const [shown] = await new PostgresOrderFinder(database).list({ limit: 9 });
    const { userId, total } = placed.data;
    expect(shown).toMatchObject({ id, userId, total, status: 'pending', placedAt: placed.at, lines: [] });
  });
});

describe('the list of orders of the previous version', () => {
  it('is continued, with its set-aside entries, while the previous version continues with its own', async () => {
    const url = await createTestDatabase(server, 'order_list_before');
    const old = await open(url, before);
    const [pending, cancelling, aside] = [newId(), newId(), newId()];
    for (const [id, status, ...more] of [
      [pending, 'pending'],
      [cancelling, 'cancelling', cancellationRequested],
      [aside, 'pending', { ...confirmed, type: 'order-gift-wrapped' }],
    ] as [string, string, ...Events][]) {
      await appendTo(old, id, 0, placedAs(id), ...more);
      const { userId, total, lines } = placed.data;
      await old.query('insert into order_view (id, user_id, status, placed_at, state) values ($1, $2, $3, $4, $5)', [
        id,
        userId,
        status,
        placed.at,
        JSON.stringify({ total, lines }),
      ]);
    }
    await old.query(
      `insert into projection select 'order-view', tx, seq from events order by tx desc, seq desc limit 1`,
    );
    const entry = { stream: `order-${aside}`, position: '2', reason: 'event 2 (order-gift-wrapped): unexpected case' };
    await new PostgresSetAsides(old.pool).add('order-view', [entry]);
    await appendTo(old, pending, 1, confirmed);

    const database = await open(url);
    const finder = new PostgresOrderFinder(database);
    const ids = async (query: object): Promise<string[]> =>
      (await finder.list({ limit: 10, ...query })).map(({ id }) => id).sort();
    expect(await ids({ sku: 'TEA-ASSAM', minAmount: 3488, currency: 'EUR' })).toEqual(
      [pending, cancelling, aside].sort(),
    );
    expect(await ids({ status: 'cancelling', sku: 'MUG-BLUE' })).toEqual([cancelling]);
    const projector = new Projector(database, orderList());
    await eventually(async () => expect(await projector.catchUp()).toBe(1));
    expect(await ids({ status: 'confirmed' })).toEqual([pending]);
    const asides = new PostgresSetAsides(database.pool);
    expect(await asides.of('order-list')).toEqual([{ stream: entry.stream, position: '2' }]);
    await old.query(`update events set type = 'order-confirmed' where stream = $1 and version = 2`, [entry.stream]);
    expect(await projector.retry([entry.stream])).toEqual([entry.stream]);
    expect(await ids({ status: 'confirmed' })).toEqual([pending, aside].sort());
    expect(await asides.of('order-view')).toHaveLength(1);
    expect(await old.query('select id from order_view')).toHaveLength(3);
  });
});
