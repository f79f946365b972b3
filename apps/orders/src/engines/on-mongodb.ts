import {
  eventCollections,
  EventKind,
  EventStore,
  MongoEventStore,
  MongoEventWorkAdapter,
  MongoProjector,
  MongoRebuilds,
  MongoSetAsides,
  SetAsides,
} from '@seam/event-sourcing';
import { DrainRegistry, mongoStore } from '@seam/host';
import { MongoCommitter } from '@seam/messaging';
import { MongoDatabase } from '@seam/persistence';
import { MongoSagaFinder, mongoSagaView, SagaFinder } from '@seam/saga';
import { MongoCatalogue } from '../adapters/mongo-catalogue.js';
import { customerCollection, MongoCustomers } from '../adapters/mongo-customers.js';
import { MongoOrderFinder, mongoOrderView } from '../adapters/mongo-order-finder.js';
import { Catalogue } from '../ports/catalogue.js';
import { Customers } from '../ports/customers.js';
import { OrderFinder } from '../ports/order-finder.js';
import { ReadModels } from '../read-models.js';
import type { OrdersEngine } from './engine.js';

function readModels(database: MongoDatabase, store: EventStore, drains: DrainRegistry): ReadModels {
  const projectors = [
    new MongoProjector(store, mongoOrderView(database)),
    new MongoProjector(store, mongoSagaView(database)),
  ];
  return new ReadModels(projectors, new MongoRebuilds(database), drains);
}

function registerEventWorks(store: EventStore, committer: MongoCommitter, models: ReadModels): MongoEventWorkAdapter {
  const adapter = new MongoEventWorkAdapter(store, models.hooks);
  committer.register(EventKind, adapter);
  return adapter;
}

export const onMongo: OrdersEngine = {
  store: mongoStore({ collections: [...eventCollections, customerCollection] }),
  adapters: [
    { provide: Catalogue, useClass: MongoCatalogue },
    { provide: Customers, useClass: MongoCustomers },
    { provide: EventStore, inject: [MongoDatabase], useFactory: (db: MongoDatabase) => new MongoEventStore(db) },
    {
      provide: OrderFinder,
      inject: [MongoDatabase],
      useFactory: (db: MongoDatabase) => new MongoOrderFinder(mongoOrderView(db)),
    },
    {
      provide: SagaFinder,
      inject: [MongoDatabase],
      useFactory: (db: MongoDatabase) => new MongoSagaFinder(mongoSagaView(db)),
    },
    { provide: SetAsides, inject: [MongoDatabase], useFactory: (db: MongoDatabase) => new MongoSetAsides(db) },
    { provide: ReadModels, inject: [MongoDatabase, EventStore, DrainRegistry], useFactory: readModels },
    {
      provide: MongoEventWorkAdapter,
      inject: [EventStore, MongoCommitter, ReadModels],
      useFactory: registerEventWorks,
    },
  ],
};
