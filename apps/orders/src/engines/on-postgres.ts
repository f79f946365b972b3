import { eventMigrations, postgresEvents } from '@seam/event-sourcing/postgres';
import { postgresStore } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import { postgresSagas, sagaList, sagaMigrations } from '@seam/saga/postgres';
import { PostgresCatalogue } from '../adapters/postgres-catalogue.js';
import { PostgresCustomers } from '../adapters/postgres-customers.js';
import { orderList } from '../adapters/order-list.js';
import { PostgresOrderFinder } from '../adapters/postgres-order-finder.js';
import { Customers1764200000000 } from '../migrations/customers.js';
import { OrderList1764200300000 } from '../migrations/order-list.js';
import { OrderSearch1764200100000 } from '../migrations/order-search.js';
import { OrdersTables1760000010000 } from '../migrations/orders-tables.js';
import { Catalogue } from '../ports/catalogue.js';
import { Customers } from '../ports/customers.js';
import { OrderFinder } from '../ports/order-finder.js';
import type { OrdersEngine } from './engine.js';

export const onPostgres: OrdersEngine = {
  store: postgresStore({
    migrations: [
      ...eventMigrations,
      ...sagaMigrations,
      OrdersTables1760000010000,
      Customers1764200000000,
      OrderSearch1764200100000,
      OrderList1764200300000,
    ],
  }),
  events: postgresEvents({
    readModels: () => [orderList(), sagaList()],
    // Orders in progress and their sagas: enough for a few seconds of high load. About 2 kB each.
    cachedStreams: 10_000,
    // The events of half a second at full load: most events of an order are then in one run, so its rows are written
    // once.
    projectedAtOnce: 4_000,
  }),
  sagas: postgresSagas,
  adapters: [
    { provide: Catalogue, useClass: PostgresCatalogue },
    { provide: Customers, useClass: PostgresCustomers },
    { provide: OrderFinder, inject: [Database], useFactory: (db: Database) => new PostgresOrderFinder(db) },
  ],
};
