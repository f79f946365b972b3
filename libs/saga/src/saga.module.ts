import {
  Controller,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { ReadModels, SetAsides } from '@seam/event-sourcing';
import { Clock, type Message, systemClock } from '@seam/kernel';
import { Committer, HandleReplies, type Work } from '@seam/messaging';
import type { Reply } from '@seam/messaging/contract';
import {
  DrainRegistry,
  Metrics,
  ProcessContext,
  requireAdapters,
  serviceModule,
  type ServiceRoutes,
  StartError,
} from '@seam/process';
import { awaitedEventControllers } from './awaited-events.controller.js';
import { Saga } from './engine/state.js';
import { SagaRunner } from './runner.js';
import type { SagaEngine } from './saga-engine.js';
import { SagaFinder } from './saga-finder.js';
import { watchSagas } from './saga-metrics.js';
import { SagaTimers } from './timers.js';

export interface SagaOptions {
  /** The service's name: its queue receives the replies to its sagas' commands. */
  readonly service: string;
  /** Every version that running sagas may use: changed steps need a new version, beside the old one. */
  readonly sagas: readonly unknown[];
  readonly engine: SagaEngine;
  /** The HTTP routes for operators: `sagaRoutes` of `@seam/saga/http`. */
  readonly http?: ServiceRoutes;
}

/**
 * The parts of a service that runs sagas: their runner, the handler of the replies to their commands, and their timers.
 * They are started and drained with the process, and shown in its metrics. The module uses parts of the service's
 * `MessagingModule` and `EventSourcingModule`: without them, the start fails. The service must also have the read model
 * of sagas: without it the start fails too, because no timeout would ever be noticed.
 */
@Module({})
export class SagaModule {
  static forService({ service, sagas, engine, http }: SagaOptions): DynamicModule {
    requireAdapters(`the sagas of ${service}`, engine.adapters, [SagaFinder]);
    return serviceModule(service, {
      module: SagaModule,
      takes: [
        { from: 'MessagingModule', parts: [Committer, ...engine.uses] },
        { from: 'EventSourcingModule', parts: [SetAsides, ReadModels] },
      ],
      shared: http?.shared,
      imports: [...(http?.imports ?? [])],
      controllers: [
        repliesTo(service),
        ...awaitedEventControllers(service, sagas),
        ...(http?.controllers(service) ?? []),
      ],
      providers: [
        ...engine.adapters,
        { provide: Clock, useValue: systemClock },
        { provide: SagaRunner, inject: [Clock], useFactory: (clock: Clock) => new SagaRunner(service, sagas, clock) },
        {
          provide: SagaTimers,
          inject: [SagaFinder, SetAsides, SagaRunner, Committer, Clock, ProcessContext],
          useFactory: (
            finding: SagaFinder,
            asides: SetAsides,
            runner: SagaRunner,
            committer: Committer,
            clock: Clock,
            { settings: { rolloutMs } }: ProcessContext,
          ) => new SagaTimers({ sagas: finding, asides, runner, committer, clock, leftToOthersMs: rolloutMs }),
        },
        {
          provide: SagaLifecycle,
          inject: [SagaTimers, SagaFinder, ReadModels, DrainRegistry, Metrics],
          useFactory: (...parts: LifecycleParts) => new SagaLifecycle(service, ...parts),
        },
      ],
      exports: [SagaRunner, SagaFinder],
    });
  }
}

/**
 * Nest finds a handler by its class, and the decorator contains the service's name, so each service needs a class of
 * its own.
 */
function repliesTo(service: string): Type {
  @Controller()
  class SagaReplies {
    constructor(@Inject(SagaRunner) private readonly runner: SagaRunner) {}

    @HandleReplies(service)
    reply(message: Message<Reply>): Work {
      return this.runner.onReply(message);
    }
  }
  return SagaReplies;
}

type LifecycleParts = readonly [SagaTimers, SagaFinder, ReadModels, DrainRegistry, Metrics];

class SagaLifecycle implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly service: string,
    private readonly timers: SagaTimers,
    private readonly finder: SagaFinder,
    private readonly models: ReadModels,
    private readonly drains: DrainRegistry,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    if (!this.models.projectors.some(({ category }) => category === Saga.category))
      throw new StartError(
        `${this.service} has sagas, but no read model of them, which their timeouts need.\n` +
          'Add sagaList() to the read models of its EventSourcingModule, or mongoSagaView() on MongoDB.',
      );
    watchSagas(this.metrics, this.service, this.finder);
  }

  onApplicationBootstrap(): void {
    this.timers.start();
    this.drains.add({ name: `${this.service} saga timers`, drain: () => this.timers.stop() });
  }
}
