import {
  type DynamicModule,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import { isTracing } from '@seam/kernel';
import {
  Committer,
  Consumer,
  DeadLetters,
  defaultRetries,
  Outbox,
  Relay,
  TracedCommitter,
  Transport,
} from '@seam/messaging';
import { DrainRegistry, ProcessContext, Readiness } from '@seam/process';
import { HostedMessages } from './messages/hosted-messages.js';
import { MessageMetrics } from './messages/message-metrics.js';
import { type ServiceStore, StoreLifecycle } from './store.js';

export interface ServiceOptions {
  /** The service's name: its database, its queue, its prefix in logs. */
  readonly service: string;
  readonly store: ServiceStore;
}

/** The name of the service that a {@link ServiceModule} is of. */
export const SERVICE = Symbol('service');

/** Ties a service's committer, relay and consumer to the process: started with it, drained before it ends. */
@Injectable()
class ServiceLifecycle implements OnModuleInit, OnApplicationBootstrap {
  private draining = false;

  constructor(
    @Inject(SERVICE) private readonly service: string,
    private readonly transport: Transport,
    private readonly committer: Committer,
    private readonly relay: Relay,
    private readonly consumer: Consumer,
    private readonly store: StoreLifecycle,
    private readonly outbox: Outbox,
    private readonly deadLetters: DeadLetters,
    private readonly drains: DrainRegistry,
    private readonly readiness: Readiness,
    private readonly messages: HostedMessages,
  ) {}

  /** Its end is known before any service sends: what fails later may have left messages of others under way. */
  onModuleInit(): void {
    this.transport.receiverFor(this.service).bind(this.consumer);
    this.messages.add(this.service, { outbox: this.outbox, deadLetters: this.deadLetters });
    this.readiness.add(`database:${this.service}`, () => this.store.answers());
    this.drains.add({ name: `${this.service} messages`, drain: () => this.drain() });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.relay.start(this.store.exclusive);
    if (!this.draining) this.store.start();
  }

  private async drain(): Promise<void> {
    this.draining = true;
    this.consumer.stop();
    await this.transport.receiverFor(this.service).drain();
    await Promise.all([this.relay.stop(), this.store.stop()]);
    await this.committer.idle();
  }
}

const UNTRACED = Symbol('untraced committer');

/** The store's committer with a span around each work, where spans are recorded; any other provider as it is. */
function traced(provider: Provider, service: string, engine?: string): Provider[] {
  if (!('provide' in provider) || provider.provide !== Committer) return [provider];
  return [
    { ...provider, provide: UNTRACED },
    {
      provide: Committer,
      inject: [UNTRACED],
      useFactory: (committer: Committer) => (isTracing() ? new TracedCommitter(service, committer, engine) : committer),
    },
  ];
}

/**
 * What every service stands on: its own store, and its own committer, outbox, relay, inbox and dead letters in it.
 * Nothing here is shared between services of one process but the transport.
 */
@Module({})
export class ServiceModule {
  static register({ service, store }: ServiceOptions): DynamicModule {
    return {
      module: ServiceModule,
      providers: [
        { provide: SERVICE, useValue: service },
        ...store.providers(service).flatMap((provider) => traced(provider, service, store.engine)),
        {
          provide: Relay,
          inject: [Outbox, Transport, DeadLetters, ProcessContext],
          useFactory: (
            outbox: Outbox,
            publisher: Transport,
            deadLetters: DeadLetters,
            { settings: { transport: system } }: ProcessContext,
          ) => new Relay({ service, outbox, publisher, deadLetters, system }),
        },
        {
          provide: Consumer,
          inject: [Committer, DeadLetters, MessageMetrics, ProcessContext],
          useFactory: (
            committer: Committer,
            deadLetters: DeadLetters,
            metrics: MessageMetrics,
            { settings: { transport: system, rolloutMs } }: ProcessContext,
          ) => {
            const retries = { ...defaultRetries, elsewhereMs: rolloutMs };
            return new Consumer({
              service,
              committer,
              deadLetters,
              system,
              retries,
              observer: metrics.observerOf(service),
            });
          },
        },
        ServiceLifecycle,
      ],
      exports: [Committer, Relay, Outbox, DeadLetters, Consumer, ...store.exports],
    };
  }
}
