import { eventCollections, mongoEvents } from '@seam/event-sourcing/mongodb';
import { mongoStore } from '@seam/messaging/mongodb';
import { MongoDatabase } from '@seam/persistence/mongodb';
import { mongoSagas, mongoSagaView } from '@seam/saga/mongodb';
import { catalogueModel, MongoCatalogue } from '../adapters/mongo-catalogue.js';
import { customerModel, MongoCustomers } from '../adapters/mongo-customers.js';
import { MongoOrderFinder, mongoOrderView } from '../adapters/mongo-order-finder.js';
import { Catalogue } from '../ports/catalogue.js';
import { Customers } from '../ports/customers.js';
import { OrderFinder } from '../ports/order-finder.js';
import type { OrdersEngine } from './engine.js';

export const onMongo: OrdersEngine = {
  store: mongoStore({ collections: [...eventCollections, catalogueModel, customerModel] }),
  events: mongoEvents({ readModels: (db, follow) => [follow(mongoOrderView(db)), follow(mongoSagaView(db))] }),
  sagas: mongoSagas,
  adapters: [
    { provide: Catalogue, useClass: MongoCatalogue },
    { provide: Customers, useClass: MongoCustomers },
    {
      provide: OrderFinder,
      inject: [MongoDatabase],
      useFactory: (db: MongoDatabase) => new MongoOrderFinder(mongoOrderView(db)),
    },
  ],
};
