import { type FactoryProvider, Injectable, Logger } from '@nestjs/common';
import { Database, type EntityClass, type MigrationClass } from '@seam/persistence/postgres';
import { DrainRegistry, ProcessContext } from '@seam/process';
import { Committer } from '../committer.js';
import { DeadLetters } from '../dead-letters.js';
import { Housekeeping } from '../housekeeping.js';
import { Outbox } from '../outbox.js';
import { Relay } from '../relay.js';
import { type ServiceStore, StoreLifecycle } from '../service-store.js';
import { PostgresDeadLetters } from './dead-letters.js';
import { Inbox } from './inbox.js';
import { messagingMigrations } from './migrations.js';
import { PostgresOutbox } from './outbox.js';
import { PostgresCommitter } from './postgres-committer.js';

export interface PostgresStoreOptions {
  readonly migrations: readonly MigrationClass[];
  readonly entities?: readonly EntityClass[];
}

@Injectable()
class PostgresLifecycle extends StoreLifecycle {
  private readonly housekeeping: Housekeeping;

  constructor(
    private readonly database: Database,
    private readonly context: ProcessContext,
  ) {
    super();
    this.housekeeping = new Housekeeping(new Inbox(database.pool));
  }

  override get exclusive(): boolean {
    return this.context.exclusiveStore;
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
function openDatabase(service: string, { migrations, entities = [] }: PostgresStoreOptions): FactoryProvider<Database> {
  return {
    provide: Database,
    inject: [ProcessContext, DrainRegistry],
    useFactory: async (context: ProcessContext, drains: DrainRegistry) => {
      const logger = new Logger('postgresql');
      const opening = Database.open({
        name: service,
        url: await context.databaseUrl(service),
        migrations: [...messagingMigrations, ...migrations],
        entities: [...entities],
        connectWaitMs: context.settings.waitMs,
        log: (line) => logger.log(line),
        warn: (line) => logger.warn(line),
      });
      return drains.addOpening(`${service} database`, opening, (database) => database.close());
    },
  };
}

/** A PostgreSQL database of the service's own, with its committer, outbox, inbox and dead letters in it. */
export const postgresStore = (options: PostgresStoreOptions): ServiceStore => ({
  providers: (service) => [
    openDatabase(service, options),
    { provide: Outbox, inject: [Database], useFactory: (db: Database) => new PostgresOutbox(db.pool) },
    { provide: DeadLetters, inject: [Database], useFactory: (db: Database) => new PostgresDeadLetters(db.pool) },
    {
      provide: PostgresCommitter,
      inject: [Database, Relay],
      useFactory: (database: Database, relay: Relay) => new PostgresCommitter({ service, database, relay }),
    },
    { provide: Committer, useExisting: PostgresCommitter },
    { provide: StoreLifecycle, useClass: PostgresLifecycle },
  ],
  exports: [Database, PostgresCommitter],
  engine: 'postgresql',
});
