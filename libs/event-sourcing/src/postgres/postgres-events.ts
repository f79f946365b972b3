import { PostgresCommitter } from '@seam/messaging/postgres';
import { Database } from '@seam/persistence/postgres';
import { ProcessContext } from '@seam/process';
import { type EventEngine, Projectors } from '../event-engine.js';
import { EventStore } from '../event-store.js';
import { EventKind } from '../event-work.js';
import type { Projection } from './postgres-projection.js';
import { ReadModels } from '../read-models.js';
import { Rebuilds } from '../rebuilds.js';
import { SetAsides } from '../set-asides.js';
import { SnapshotWriter } from '../snapshots.js';
import { EventWorkAdapter } from './event-work-adapter.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { PostgresRebuilds } from './postgres-rebuilds.js';
import { PostgresSetAsides } from './postgres-set-asides.js';
import { Projector } from './projector.js';

export interface PostgresEventsOptions {
  /** Default: none. */
  readonly readModels?: () => readonly Projection[];
  /** Maximum number of cached streams, if no other process appends to them. Default 1,000. */
  readonly cachedStreams?: number;
  /** Maximum number of events per run of a read model. */
  readonly projectedAtOnce?: number;
}

/** Events in the database of the service's `postgresStore`, which needs `eventMigrations` among its migrations. */
export const postgresEvents = ({
  readModels = () => [],
  cachedStreams = 1_000,
  projectedAtOnce,
}: PostgresEventsOptions = {}): EventEngine => ({
  uses: [Database, PostgresCommitter],
  adapters: [
    { provide: EventStore, inject: [Database], useFactory: (db: Database) => new PostgresEventStore(db.pool) },
    { provide: SetAsides, inject: [Database], useFactory: (db: Database) => new PostgresSetAsides(db.pool) },
    { provide: Rebuilds, inject: [Database], useFactory: (db: Database) => new PostgresRebuilds(db.pool) },
    {
      provide: Projectors,
      inject: [Database],
      useFactory: (db: Database) => {
        const options = projectedAtOnce === undefined ? {} : { batch: projectedAtOnce };
        const rebuilt = readModels();
        return new Projectors(readModels().map((view, index) => new Projector(db, view, options, rebuilt[index])));
      },
    },
    {
      provide: EventWorkAdapter,
      inject: [EventStore, PostgresCommitter, ProcessContext, ReadModels, SnapshotWriter],
      useFactory: (
        store: EventStore,
        committer: PostgresCommitter,
        { exclusiveStore }: ProcessContext,
        { hooks }: ReadModels,
        snapshots: SnapshotWriter,
      ) => {
        const adapter = new EventWorkAdapter(store, exclusiveStore ? cachedStreams : 0, { ...hooks, snapshots });
        committer.register(EventKind, adapter);
        return adapter;
      },
    },
  ],
});
