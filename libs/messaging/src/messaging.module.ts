import {
  type DynamicModule,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnModuleInit,
  type Provider,
  type Type,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { isTracing } from '@seam/kernel';
import {
  Backlog,
  type BacklogSource,
  DrainRegistry,
  ProcessContext,
  Readiness,
  requireAdapters,
  SERVICE,
  serviceModule,
} from '@seam/process';
import { Committer } from './committer.js';
import { Consumer } from './consumer.js';
import { DeadLetterExpiry } from './dead-letter-expiry.js';
import { DeadLetters } from './dead-letters.js';
import { handlersOf } from './message-handlers.js';
import type { MessageMiddleware } from './middleware.js';
import { HostedMessages } from './operations/hosted-messages.js';
import { MessageMetrics } from './operations/message-metrics.js';
import { TransportMetrics } from './operations/transport-metrics.js';
import { Outbox } from './outbox.js';
import { Relay } from './relay.js';
import { defaultRetries } from './retry-policy.js';
import { type ServiceStore, StoreLifecycle } from './service-store.js';
import { TracedCommitter } from './traced-committer.js';
import { type Receiver, Transport } from './transport.js';

export interface MessagingOptions {
  /** The service's name; names its database, its queue, and the prefix of its log lines. */
  readonly service: string;
  readonly store: ServiceStore;
  /** Around the handlers of its messages, the first one outermost: objects, or classes that Nest makes with what they inject. */
  readonly middleware?: readonly (MessageMiddleware | Type<MessageMiddleware>)[];
}

/**
 * Connects a service's committer, relay and consumer to the process: they are started with it, and drained before it
 * ends.
 */
@Injectable()
class ServiceLifecycle implements OnModuleInit, OnApplicationBootstrap {
  private draining = false;
  private readonly expiry: DeadLetterExpiry;

  constructor(
    @Inject(SERVICE) private readonly service: string,
    private readonly discovery: DiscoveryService,
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
    private readonly backlog: Backlog,
    { settings }: ProcessContext,
  ) {
    this.expiry = new DeadLetterExpiry({ service, deadLetters, keepDays: settings.deadLetterDays });
  }

  /**
   * Registers the drain before any service sends: if the start fails later, messages of other services may already be
   * in progress.
   */
  onModuleInit(): void {
    const handlers = handlersOf(this.service, this.discovery.getControllers());
    const receiver = this.transport.receiverFor(this.service);
    receiver.bind(this.consumer, handlers);
    this.backlog.add(this.backlogWith(receiver));
    const { outbox, relay, deadLetters } = this;
    this.messages.add(this.service, { outbox, relay, deadLetters, handlers });
    this.readiness.add(`database:${this.service}`, () => this.store.answers());
    this.drains.add({ name: `${this.service} messages`, drain: () => this.drain() });
  }

  /**
   * If messages are held up, they wait for something outside this process, and refusing new work would not shorten that
   * wait.
   */
  private backlogWith(receiver: Receiver): BacklogSource {
    const { consumer, committer, relay } = this;
    return {
      pending: () => (consumer.isHeldUp ? 0 : consumer.awaited + receiver.waiting),
      waitMs: () => (consumer.isHeldUp ? 0 : Math.max(receiver.waitMs, committer.waitMs, relay.behindMs)),
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.relay.start(this.store.exclusive);
    if (this.draining) return;
    this.store.start();
    this.expiry.start();
  }

  private async drain(): Promise<void> {
    this.draining = true;
    this.consumer.stop();
    await this.transport.receiverFor(this.service).drain();
    await Promise.all([this.relay.stop(), this.store.stop(), this.expiry.stop()]);
    await this.committer.idle();
  }
}

const UNTRACED = Symbol('untraced committer');

/**
 * If tracing is on, wraps the store's committer so that each work gets a span; returns any other provider unchanged.
 */
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

/** The parts that a process has once, for all its services. */
@Module({})
class ProcessMessagingModule {}

/**
 * The parts that every service needs: its own store, and in it its own committer, outbox, relay, inbox and dead
 * letters. The services of one process share only the transport.
 */
@Module({})
export class MessagingModule {
  /**
   * For all services of a process, registered globally: the transport between them, and the operators' view of their
   * messages.
   */
  static forProcess(transport: Transport): DynamicModule {
    return {
      module: ProcessMessagingModule,
      global: true,
      providers: [{ provide: Transport, useValue: transport }, HostedMessages, MessageMetrics, TransportMetrics],
      exports: [Transport, HostedMessages, MessageMetrics],
    };
  }

  static forService({ service, store, middleware = [] }: MessagingOptions): DynamicModule {
    const adapters = store.providers(service);
    requireAdapters(`the store of ${service}`, adapters, [Committer, Outbox, DeadLetters, StoreLifecycle]);
    const classes = middleware.filter((each) => typeof each === 'function');
    return serviceModule(service, {
      module: MessagingModule,
      imports: [DiscoveryModule],
      providers: [
        ...adapters.flatMap((provider) => traced(provider, service, store.engine)),
        ...classes,
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
          inject: [Committer, DeadLetters, MessageMetrics, ProcessContext, ...classes],
          useFactory: (
            committer: Committer,
            deadLetters: DeadLetters,
            metrics: MessageMetrics,
            { settings: { transport: system, rolloutMs } }: ProcessContext,
            ...made: readonly MessageMiddleware[]
          ) => {
            const retries = { ...defaultRetries, elsewhereMs: rolloutMs };
            return new Consumer({
              service,
              committer,
              deadLetters,
              system,
              retries,
              middleware: middleware
                .map((each) => (typeof each === 'function' ? made[classes.indexOf(each)] : each))
                .filter((each) => each !== undefined),
              observer: metrics.observerOf(service),
            });
          },
        },
        ServiceLifecycle,
      ],
      exports: [Committer, Relay, Outbox, DeadLetters, Consumer, ...store.exports],
    });
  }
}
