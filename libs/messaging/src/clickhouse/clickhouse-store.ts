import { type FactoryProvider, Injectable, Logger } from '@nestjs/common';
import { ClickHouseDatabase } from '@seam/persistence/clickhouse';
import { DrainRegistry, ProcessContext } from '@seam/process';
import { Committer } from '../committer.js';
import { DeadLetters } from '../dead-letters.js';
import { Outbox } from '../outbox.js';
import { Relay } from '../relay.js';
import { type ServiceStore, StoreLifecycle } from '../service-store.js';
import { Transport } from '../transport.js';
import { ClickHouseCommitter } from './clickhouse-committer.js';
import { ClickHouseDeadLetters } from './clickhouse-dead-letters.js';
import { noOutbox } from './no-outbox.js';
import { clickHouseMessagingTables } from './tables.js';

export interface ClickHouseStoreOptions {
  /** Statements of the form `create table if not exists …`. */
  readonly tables: readonly string[];
}

@Injectable()
class ClickHouseLifecycle extends StoreLifecycle {
  /** Any number of processes share the server. */
  override readonly exclusive = false;

  constructor(private readonly database: ClickHouseDatabase) {
    super();
  }

  override answers(): Promise<void> {
    return this.database.answers();
  }

  override start(): void {}

  override stop(): Promise<void> {
    return Promise.resolve();
  }
}

/** The service's database, closed when the process stops, even if it is still being opened. */
function openDatabase(service: string, { tables }: ClickHouseStoreOptions): FactoryProvider<ClickHouseDatabase> {
  return {
    provide: ClickHouseDatabase,
    inject: [ProcessContext, DrainRegistry],
    useFactory: ({ settings }: ProcessContext, drains: DrainRegistry) => {
      const { clickhouseUrl: url, waitMs } = settings;
      if (url === undefined) throw new Error(`${service} stores its data in ClickHouse, but CLICKHOUSE_URL is not set`);
      const logger = new Logger('clickhouse');
      const [log, warn] = [(line: string) => logger.log(line), (line: string) => logger.warn(line)];
      const opening = ClickHouseDatabase.open({
        ...{ url, service, waitMs, log, warn },
        tables: [...clickHouseMessagingTables, ...tables],
      });
      return drains.addOpening(`${service} ClickHouse`, opening, (database) => database.close());
    },
  };
}

/** A database on the server of CLICKHOUSE_URL, for a service that only records facts and sends no messages. */
export const clickHouseStore = (options: ClickHouseStoreOptions): ServiceStore => ({
  providers: (service) => [
    openDatabase(service, options),
    { provide: Outbox, useValue: noOutbox },
    {
      provide: DeadLetters,
      inject: [ClickHouseDatabase, Transport],
      useFactory: (database: ClickHouseDatabase, publisher: Transport) =>
        new ClickHouseDeadLetters(database, publisher),
    },
    {
      provide: ClickHouseCommitter,
      inject: [ClickHouseDatabase, Relay],
      useFactory: (database: ClickHouseDatabase, relay: Relay) => new ClickHouseCommitter({ service, database, relay }),
    },
    { provide: Committer, useExisting: ClickHouseCommitter },
    { provide: StoreLifecycle, useClass: ClickHouseLifecycle },
  ],
  exports: [ClickHouseDatabase, ClickHouseCommitter],
  engine: 'clickhouse',
});
