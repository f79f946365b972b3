import { eventCollections, mongoEvents, type MongoEventsOptions } from '@seam/event-sourcing/mongodb';
import { mongoStore, type MongoStoreOptions } from '@seam/messaging/mongodb';
import { mongoSagas, mongoSagaView } from '@seam/saga/mongodb';
import type { ServiceEngine } from '../service-engine.js';

export interface MongoServiceOptions extends Partial<MongoEventsOptions>, Partial<MongoStoreOptions> {}

/** A MongoDB database for the service, with the collections of the libraries. */
export const mongodb = ({ collections = [], readModels = () => [] }: MongoServiceOptions = {}): ServiceEngine => ({
  adapters: ({ sagas }) => ({
    store: mongoStore({ collections: [...eventCollections, ...collections] }),
    events: mongoEvents({
      readModels: (db, follow) => [...readModels(db, follow), ...(sagas ? [follow(mongoSagaView(db))] : [])],
    }),
    sagas: mongoSagas,
  }),
});
