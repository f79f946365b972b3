import {
  EventKind,
  EventStore,
  EventTables1760000001000,
  EventWorkAdapter,
  PostgresEventStore,
  Projector,
} from '@seam/event-sourcing';
import { DrainRegistry, postgresStore, ProcessContext } from '@seam/host';
import { PostgresCommitter } from '@seam/messaging';
import { Database } from '@seam/persistence';
import { PostgresSagaFinder, SagaFinder, SagaTables1760000002000, sagaView } from '@seam/saga';
import { PostgresCatalogue } from '../adapters/postgres-catalogue.js';
import { orderView, PostgresOrderFinder } from '../adapters/postgres-order-finder.js';
import { OrdersTables1760000010000 } from '../migrations/orders-tables.js';
import { Catalogue } from '../ports/catalogue.js';
import { OrderFinder } from '../ports/order-finder.js';
import { ReadModels } from '../read-models.js';
import type { OrdersEngine } from './engine.js';

/** Streams kept in memory where this process alone appends to them: enough for the orders of a few busy seconds. */
const CACHED_STREAMS = 20_000;

function registerEventWorks(
  store: EventStore,
  committer: PostgresCommitter,
  context: ProcessContext,
  models: ReadModels,
): EventWorkAdapter {
  const adapter = new EventWorkAdapter(store, context.exclusiveStore ? CACHED_STREAMS : 0, () => models.wake());
  committer.register(EventKind, adapter);
  return adapter;
}

export const onPostgres: OrdersEngine = {
  store: postgresStore({
    migrations: [EventTables1760000001000, SagaTables1760000002000, OrdersTables1760000010000],
  }),
  adapters: [
    { provide: Catalogue, useClass: PostgresCatalogue },
    { provide: EventStore, inject: [Database], useFactory: (db: Database) => new PostgresEventStore(db.pool) },
    { provide: OrderFinder, inject: [Database], useFactory: (db: Database) => new PostgresOrderFinder(db) },
    { provide: SagaFinder, inject: [Database], useFactory: (db: Database) => new PostgresSagaFinder(db) },
    {
      provide: ReadModels,
      inject: [Database, DrainRegistry],
      useFactory: (db: Database, drains: DrainRegistry) =>
        new ReadModels([new Projector(db, orderView()), new Projector(db, sagaView())], drains),
    },
    {
      provide: EventWorkAdapter,
      inject: [EventStore, PostgresCommitter, ProcessContext, ReadModels],
      useFactory: registerEventWorks,
    },
  ],
};
