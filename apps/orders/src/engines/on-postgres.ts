import {
  EventKind,
  EventStore,
  EventTables1760000001000,
  EventWorkAdapter,
  PostgresEventStore,
  PostgresRebuilds,
  PostgresSetAsides,
  Projector,
  SetAsides,
  ReadModelTables1760000020000,
} from '@seam/event-sourcing';
import { DrainRegistry, postgresStore, ProcessContext } from '@seam/host';
import { PostgresCommitter } from '@seam/messaging';
import { Database } from '@seam/persistence';
import { PostgresSagaFinder, SagaFinder, sagaList, SagaList1764200200000, SagaTables1760000002000 } from '@seam/saga';
import { PostgresCatalogue } from '../adapters/postgres-catalogue.js';
import { PostgresCustomers } from '../adapters/postgres-customers.js';
import { orderView, PostgresOrderFinder } from '../adapters/postgres-order-finder.js';
import { Customers1764200000000 } from '../migrations/customers.js';
import { OrderSearch1764200100000 } from '../migrations/order-search.js';
import { OrdersTables1760000010000 } from '../migrations/orders-tables.js';
import { Catalogue } from '../ports/catalogue.js';
import { Customers } from '../ports/customers.js';
import { OrderFinder } from '../ports/order-finder.js';
import { ReadModels } from '../read-models.js';
import type { OrdersEngine } from './engine.js';

/** Streams kept in memory where this process alone appends to them: enough for the orders of a few busy seconds. */
const CACHED_STREAMS = 20_000;
/** Events of one run of a read model: most of those of an order in flight are in one, and its rows are written once. */
const PROJECTED_AT_ONCE = 1_000;

function registerEventWorks(
  store: EventStore,
  committer: PostgresCommitter,
  context: ProcessContext,
  models: ReadModels,
): EventWorkAdapter {
  const adapter = new EventWorkAdapter(store, context.exclusiveStore ? CACHED_STREAMS : 0, models.hooks);
  committer.register(EventKind, adapter);
  return adapter;
}

export const onPostgres: OrdersEngine = {
  store: postgresStore({
    migrations: [
      EventTables1760000001000,
      SagaTables1760000002000,
      OrdersTables1760000010000,
      ReadModelTables1760000020000,
      Customers1764200000000,
      OrderSearch1764200100000,
      SagaList1764200200000,
    ],
  }),
  adapters: [
    { provide: Catalogue, useClass: PostgresCatalogue },
    { provide: Customers, useClass: PostgresCustomers },
    { provide: EventStore, inject: [Database], useFactory: (db: Database) => new PostgresEventStore(db.pool) },
    { provide: OrderFinder, inject: [Database], useFactory: (db: Database) => new PostgresOrderFinder(db) },
    { provide: SagaFinder, inject: [Database], useFactory: (db: Database) => new PostgresSagaFinder(db) },
    { provide: SetAsides, inject: [Database], useFactory: (db: Database) => new PostgresSetAsides(db.pool) },
    {
      provide: ReadModels,
      inject: [Database, DrainRegistry],
      useFactory: (db: Database, drains: DrainRegistry) =>
        new ReadModels(
          [orderView(), sagaList()].map((view) => new Projector(db, view, { batch: PROJECTED_AT_ONCE })),
          new PostgresRebuilds(db.pool),
          drains,
        ),
    },
    {
      provide: EventWorkAdapter,
      inject: [EventStore, PostgresCommitter, ProcessContext, ReadModels],
      useFactory: registerEventWorks,
    },
  ],
};
