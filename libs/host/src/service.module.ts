import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import {
  Committer,
  Consumer,
  DeadLetters,
  Housekeeping,
  Inbox,
  InProcessBroker,
  MessagingTables1760000000000,
  Outbox,
  PostgresCommitter,
  Relay,
} from '@seam/messaging';
import { Database, type EntityClass, type MigrationClass } from '@seam/persistence';
import { DrainRegistry } from './drain.js';
import { Readiness } from './health/readiness.js';
import { HostedMessages } from './messages/hosted-messages.js';
import { ProcessContext } from './process-context.js';

export interface ServiceOptions {
  /** The service's name: its database, its queue, its prefix in logs. */
  readonly service: string;
  readonly migrations: readonly MigrationClass[];
  readonly entities?: readonly EntityClass[];
}

const SERVICE = Symbol('service');

/** Ties a service's committer, relay and consumer to the process: started with it, drained before it ends. */
@Injectable()
class ServiceLifecycle implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    @Inject(SERVICE) private readonly service: string,
    private readonly context: ProcessContext,
    private readonly broker: InProcessBroker,
    private readonly committer: PostgresCommitter,
    private readonly relay: Relay,
    private readonly consumer: Consumer,
    private readonly housekeeping: Housekeeping,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly deadLetters: DeadLetters,
    private readonly drains: DrainRegistry,
    private readonly readiness: Readiness,
    private readonly messages: HostedMessages,
  ) {}

  onModuleInit(): void {
    this.broker.strategyFor(this.service).bind(this.consumer);
    this.messages.add(this.service, { outbox: this.outbox, deadLetters: this.deadLetters });
    this.readiness.add(`database:${this.service}`, () => this.database.query('select 1'));
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.relay.start(this.context.exclusiveStore);
    this.housekeeping.start();
    this.drains.add({
      name: `${this.service} messages`,
      drain: async () => {
        this.consumer.stop();
        await Promise.all([this.relay.stop(), this.housekeeping.stop()]);
        await this.committer.idle();
      },
    });
  }
}

/** The service's database, closed at the process's end however far its start has come by then. */
function openDatabase({ service, migrations, entities = [] }: ServiceOptions): FactoryProvider<Database> {
  return {
    provide: Database,
    inject: [ProcessContext, DrainRegistry],
    useFactory: (context: ProcessContext, drains: DrainRegistry) => {
      const opening = Database.open({
        name: service,
        url: context.databaseUrl(service),
        migrations: [MessagingTables1760000000000, ...migrations],
        entities: [...entities],
      });
      drains.addClose(`${service} database`, async () => {
        const database = await opening.catch(() => undefined); // Whoever asked for it is told why.
        await database?.close();
      });
      return opening;
    },
  };
}

/**
 * What every service stands on: its own database, and its own committer, outbox, relay, inbox and dead letters in it.
 * Nothing here is shared between services of one process but the broker.
 */
@Module({})
export class ServiceModule {
  static register(options: ServiceOptions): DynamicModule {
    const { service } = options;
    const own = [Database, PostgresCommitter, Committer, Relay, Outbox, Inbox, DeadLetters, Consumer];
    return {
      module: ServiceModule,
      providers: [
        { provide: SERVICE, useValue: service },
        openDatabase(options),
        { provide: Outbox, inject: [Database], useFactory: (db: Database) => new Outbox(db.pool) },
        { provide: Inbox, inject: [Database], useFactory: (db: Database) => new Inbox(db.pool) },
        { provide: Housekeeping, inject: [Inbox], useFactory: (inbox: Inbox) => new Housekeeping(inbox) },
        { provide: DeadLetters, inject: [Database], useFactory: (db: Database) => new DeadLetters(db.pool) },
        {
          provide: Relay,
          inject: [Outbox, InProcessBroker],
          useFactory: (outbox: Outbox, publisher: InProcessBroker) => new Relay({ service, outbox, publisher }),
        },
        {
          provide: PostgresCommitter,
          inject: [Database, Relay],
          useFactory: (db: Database, relay: Relay) => new PostgresCommitter({ service, pool: db.pool, relay }),
        },
        { provide: Committer, useExisting: PostgresCommitter },
        {
          provide: Consumer,
          inject: [Committer, DeadLetters],
          useFactory: (committer: Committer, deadLetters: DeadLetters) =>
            new Consumer({ service, committer, deadLetters }),
        },
        ServiceLifecycle,
      ],
      exports: own,
    };
  }
}
