import { setTimeout as sleep } from 'node:timers/promises';
import { type DomainEvent, type EventStore, type ProjectorLoop, type StreamAppend } from '@seam/event-sourcing';
import { eventCollections, MongoEventStore, MongoProjector } from '@seam/event-sourcing/mongodb';
import { eventMigrations, PostgresEventStore, Projector } from '@seam/event-sourcing/postgres';
import { newId } from '@seam/kernel';
import { messagingCollections } from '@seam/messaging/mongodb';
import { MongoDatabase } from '@seam/persistence/mongodb';
import { Database } from '@seam/persistence/postgres';
import { MongoOrderFinder, mongoOrderView } from '../apps/orders/src/adapters/mongo-order-finder.js';
import { orderList } from '../apps/orders/src/adapters/order-list.js';
import { PostgresOrderFinder } from '../apps/orders/src/adapters/postgres-order-finder.js';
import { OrderList1764200300000 } from '../apps/orders/src/migrations/order-list.js';
import { OrderSearch1764200100000 } from '../apps/orders/src/migrations/order-search.js';
import { OrdersTables1760000010000 } from '../apps/orders/src/migrations/orders-tables.js';
import type { OrderFinder } from '../apps/orders/src/ports/order-finder.js';
import { withEngine } from './engines.js';
import { print } from './measure.js';
import { BenchShop } from './shop.js';

const EVENTS = 200_000;
const EVENTS_PER_ORDER = 2;
const MARK = 20_000;
/**
 * On PostgreSQL the orders of one commit of a busy shop; on MongoDB each order is a commit, and this is the number of
 * concurrent ones.
 */
const STORED_AT_ONCE = 100;
/** Pause between the orders that are placed while the rebuild runs, ms. */
const PACE_MS = 20;

interface Rig {
  readonly store: EventStore;
  readonly storeAll: (orders: readonly StreamAppend[]) => Promise<unknown>;
  readonly projector: ProjectorLoop;
  readonly finder: OrderFinder;
  /** All rows of the list, in the same form each time. */
  readonly rows: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/** The list of orders, rebuilt from 200,000 events while orders are placed and lists are read, on each engine. */
export async function benchRebuild(): Promise<void> {
  const shop = await BenchShop.start();
  await measure('PostgreSQL', await onPostgres(await shop.databaseUrl('rebuild')));
  await shop.stop();
  await withEngine('mongodb', async (url) => measure('MongoDB', await onMongo(url)));
}

async function onPostgres(url: string): Promise<Rig> {
  const tables = [OrdersTables1760000010000, OrderSearch1764200100000, OrderList1764200300000];
  const database = await Database.open({ name: 'bench', url, migrations: [...eventMigrations, ...tables] });
  const store = new PostgresEventStore(database.pool);
  return {
    store,
    storeAll: (orders) => store.append(orders),
    projector: new Projector(database, orderList(), { batch: 4_000 }, orderList()),
    finder: new PostgresOrderFinder(database),
    rows: async () => JSON.stringify(await database.query('select * from order_list order by id')),
    close: () => database.close(),
  };
}

async function onMongo(url: string): Promise<Rig> {
  const log = (): void => undefined;
  const collections = [...messagingCollections, ...eventCollections];
  const database = await MongoDatabase.open({
    service: 'bench',
    url,
    database: `rebuild_${newId().slice(0, 8)}`,
    collections,
    waitMs: 30_000,
    log,
    warn: log,
  });
  const view = mongoOrderView(database);
  const store = new MongoEventStore(database);
  return {
    store,
    storeAll: (orders) => Promise.all(orders.map((order) => store.append([order]))),
    projector: new MongoProjector(store, view),
    finder: new MongoOrderFinder(view),
    rows: async () => JSON.stringify(await view.find({ filter: {}, sort: { _id: 1 }, limit: EVENTS })),
    close: () => database.close(),
  };
}

async function measure(engine: string, rig: Rig): Promise<void> {
  print(`\nThe list of orders, rebuilt from ${EVENTS} events on ${engine} while orders are placed and lists are read`);
  const orders = EVENTS / EVENTS_PER_ORDER;
  for (let stored = 0; stored < orders; stored += STORED_AT_ONCE)
    await rig.storeAll(Array.from({ length: STORED_AT_ONCE }, anOrder));
  while ((await rig.projector.catchUp()) > 0);
  rig.projector.start();
  const quiet = await traffic(rig, () => sleep(3_000));
  let events = 0;
  let took = 0;
  const busy = await traffic(rig, async () => {
    const startedAt = performance.now();
    events = await rig.projector.rebuild();
    took = performance.now() - startedAt;
  });
  await rig.projector.stop();
  const rebuilt = await settledRows(rig);
  await rig.projector.rebuild();
  const again = await settledRows(rig);
  await rig.close();
  print(`  ${((events / took) * 1_000).toFixed(0)} events/s (${events} events); the mark is ${MARK}`);
  print(`  rows of the live list and of one that is built again: ${rebuilt === again ? 'the same' : 'DIFFERENT'}`);
  print(`  slowest and median order placed, list read: ${durationsOf(busy)}; without a rebuild ${durationsOf(quiet)}`);
}

async function settledRows(rig: Rig): Promise<string> {
  while ((await rig.projector.catchUp()) > 0);
  return rig.rows();
}

interface Traffic {
  readonly writes: readonly number[];
  readonly reads: readonly number[];
}

/** Places orders and reads lists while the work runs; the durations, ms. */
async function traffic(rig: Rig, work: () => Promise<unknown>): Promise<Traffic> {
  let running = true;
  const timed = async (one: () => Promise<unknown>): Promise<number[]> => {
    const took: number[] = [];
    while (running) {
      const startedAt = performance.now();
      await one();
      took.push(performance.now() - startedAt);
      await sleep(PACE_MS);
    }
    return took;
  };
  const [writes, reads] = await Promise.all([
    timed(() => rig.store.append([anOrder()])),
    timed(() => rig.finder.list({ limit: 20 })),
    work().finally(() => (running = false)),
  ]);
  return { writes, reads };
}

const durationsOf = ({ writes, reads }: Traffic): string => [writes, reads].map(slowestAndMedian).join(', ');

function slowestAndMedian(took: readonly number[]): string {
  const sorted = [...took].sort((a, b) => a - b);
  return `${(sorted.at(-1) ?? 0).toFixed(0)} and ${(sorted[sorted.length >> 1] ?? 0).toFixed(1)} ms`;
}

function anOrder(): StreamAppend {
  const [orderId, at] = [newId(), new Date().toISOString()];
  const total = { amount: 2598, currency: 'EUR' };
  const lines = [{ sku: 'MUG-BLUE', name: 'Mug, blue', quantity: 2, unitPrice: { amount: 1299, currency: 'EUR' } }];
  const data = { orderId, userId: newId(), sagaId: newId(), lines, total, fingerprint: orderId };
  const events: DomainEvent[] = [
    { type: 'order-placed', at, data },
    { type: 'order-confirmed', at, data: {} },
  ];
  return { stream: `order-${orderId}`, expectedVersion: 0, events };
}
