import { MongoCommitter } from '@seam/messaging/mongodb';
import { MongoDatabase } from '@seam/persistence/mongodb';
import type { DomainEvent } from '../aggregate.js';
import { type EventEngine, Projectors } from '../event-engine.js';
import { EventStore } from '../event-store.js';
import { EventKind } from '../event-work.js';
import type { ProjectorLoop } from '../projector-loop.js';
import { ReadModels } from '../read-models.js';
import { Rebuilds } from '../rebuilds.js';
import { SetAsides } from '../set-asides.js';
import { SnapshotWriter } from '../snapshots.js';
import { MongoEventStore } from './mongo-event-store.js';
import { MongoEventWorkAdapter } from './mongo-event-work-adapter.js';
import { MongoProjector } from './mongo-projector.js';
import { MongoRebuilds } from './mongo-rebuilds.js';
import { MongoSetAsides } from './mongo-set-asides.js';
import type { MongoView } from './mongo-view.js';

/** Creates the projector that keeps a view up to date with the service's events. */
type Follow = <S, E extends DomainEvent>(view: MongoView<S, E>) => ProjectorLoop;

export interface MongoEventsOptions {
  readonly readModels: (database: MongoDatabase, follow: Follow) => readonly ProjectorLoop[];
}

/** Events in the database of the service's `mongoStore`, which needs `eventCollections` among its collections. */
export const mongoEvents = ({ readModels }: MongoEventsOptions): EventEngine => ({
  uses: [MongoDatabase, MongoCommitter],
  adapters: [
    { provide: EventStore, inject: [MongoDatabase], useFactory: (db: MongoDatabase) => new MongoEventStore(db) },
    { provide: SetAsides, inject: [MongoDatabase], useFactory: (db: MongoDatabase) => new MongoSetAsides(db) },
    { provide: Rebuilds, inject: [MongoDatabase], useFactory: (db: MongoDatabase) => new MongoRebuilds(db) },
    {
      provide: Projectors,
      inject: [MongoDatabase, EventStore],
      useFactory: (db: MongoDatabase, store: EventStore) =>
        new Projectors(readModels(db, (view) => new MongoProjector(store, view))),
    },
    {
      provide: MongoEventWorkAdapter,
      inject: [EventStore, MongoCommitter, ReadModels, SnapshotWriter],
      useFactory: (store: EventStore, committer: MongoCommitter, { hooks }: ReadModels, snapshots: SnapshotWriter) => {
        const adapter = new MongoEventWorkAdapter(store, { ...hooks, snapshots });
        committer.register(EventKind, adapter);
        return adapter;
      },
    },
  ],
});
