import { type FactoryProvider, Injectable, Logger } from '@nestjs/common';
import { type MongoCollectionSpec, MongoDatabase } from '@seam/persistence/mongodb';
import { DrainRegistry, ProcessContext } from '@seam/process';
import { Committer } from '../committer.js';
import { DeadLetters } from '../dead-letters.js';
import { Housekeeping } from '../housekeeping.js';
import { Outbox } from '../outbox.js';
import { Relay } from '../relay.js';
import { type ServiceStore, StoreLifecycle } from '../service-store.js';
import { messagingCollections } from './collections.js';
import { MongoCommitter } from './mongo-committer.js';
import { MongoDeadLetters } from './mongo-dead-letters.js';
import { MongoInbox } from './mongo-inbox.js';
import { MongoOutbox } from './mongo-outbox.js';

export interface MongoStoreOptions {
  readonly collections: readonly MongoCollectionSpec[];
}

@Injectable()
class MongoLifecycle extends StoreLifecycle {
  /** Any number of processes share the server. */
  override readonly exclusive = false;
  private readonly housekeeping: Housekeeping;

  constructor(private readonly database: MongoDatabase) {
    super();
    this.housekeeping = new Housekeeping(new MongoInbox(database));
  }

  override answers(): Promise<void> {
    return this.database.answers();
  }

  override start(): void {
    this.housekeeping.start();
  }

  override stop(): Promise<void> {
    return this.housekeeping.stop();
  }
}

/** The service's database, closed when the process stops, even if it is still being opened. */
function openDatabase(service: string, { collections }: MongoStoreOptions): FactoryProvider<MongoDatabase> {
  return {
    provide: MongoDatabase,
    inject: [ProcessContext, DrainRegistry],
    useFactory: async ({ settings }: ProcessContext, drains: DrainRegistry) => {
      const { mongodbUrl: url, waitMs } = settings;
      if (url === undefined) throw new Error(`${service} stores its data in MongoDB, but MONGODB_URL is not set`);
      const logger = new Logger('mongodb');
      const opening = MongoDatabase.open({
        service,
        url,
        waitMs,
        collections: [...messagingCollections, ...collections],
        log: (line) => logger.log(line),
        warn: (line) => logger.warn(line),
      });
      return drains.addOpening(`${service} MongoDB`, opening, (database) => database.close());
    },
  };
}

/** The server of MONGODB_URL: one database per service, with its committer, outbox, inbox and dead letters. */
export const mongoStore = (options: MongoStoreOptions): ServiceStore => ({
  providers: (service) => [
    openDatabase(service, options),
    { provide: MongoOutbox, inject: [MongoDatabase], useFactory: (db: MongoDatabase) => new MongoOutbox(db) },
    { provide: Outbox, useExisting: MongoOutbox },
    { provide: DeadLetters, inject: [MongoDatabase], useFactory: (db: MongoDatabase) => new MongoDeadLetters(db) },
    {
      provide: MongoCommitter,
      inject: [MongoDatabase, MongoOutbox, Relay],
      useFactory: (database: MongoDatabase, outbox: MongoOutbox, relay: Relay) =>
        new MongoCommitter({ service, database, outbox, relay }),
    },
    { provide: Committer, useExisting: MongoCommitter },
    { provide: StoreLifecycle, useClass: MongoLifecycle },
  ],
  exports: [MongoDatabase, MongoCommitter],
  engine: 'mongodb',
});
