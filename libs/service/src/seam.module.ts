import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { AggregateReader, EventSourcingModule } from '@seam/event-sourcing';
import { eventSourcingRoutes } from '@seam/event-sourcing/http';
import { Clock, Id, systemClock } from '@seam/kernel';
import { Committer, type MessageMiddleware, MessagingModule } from '@seam/messaging';
import { serviceModule } from '@seam/process';
import { type SagaDefinition, SagaModule } from '@seam/saga';
import { sagaRoutes } from '@seam/saga/http';
import { Aggregates } from './aggregates.js';
import { Sagas } from './sagas.js';
import type { ServiceEngine } from './service-engine.js';

/** What the module of a service imports. */
@Module({})
class ServicePartsModule {}

/** A definition of any types. */
type AnySaga = Pick<SagaDefinition, 'name' | 'steps'>;

export interface SeamServiceOptions {
  /** The service's name, which names its database, its queue, and the types of its commands. */
  readonly service: string;
  readonly engine: ServiceEngine;
  readonly sagas?: SeamServiceSagas;
  /** Around the handlers of its messages, the first one outermost. */
  readonly middleware?: readonly (MessageMiddleware | Type<MessageMiddleware>)[];
}

export interface SeamServiceSagas {
  /** Every version that running sagas may use. */
  readonly definitions: readonly AnySaga[];
  /** The API's name for the id of a saga's subject, such as `bookingId`. */
  readonly correlation: string;
}

/**
 * All that a service has on one engine: messages, events, sagas and the buses, with the routes for operators. A module that
 * imports it can inject `Aggregates`, `Sagas`, `CommandBus`, `QueryBus`, `Committer`, `AggregateReader` and `Clock`. For other
 * combinations, list `MessagingModule`, `EventSourcingModule` and `SagaModule` instead.
 */
@Module({})
export class SeamModule {
  static forService({ service, engine, sagas, middleware = [] }: SeamServiceOptions): DynamicModule {
    const adapters = engine.adapters({ sagas: sagas !== undefined });
    const parts = [
      MessagingModule.forService({ service, store: adapters.store, middleware }),
      EventSourcingModule.forService({ service, engine: adapters.events, http: eventRoutesOf(service) }),
      ...(sagas === undefined ? [] : [sagaModuleOf(service, adapters.sagas, sagas)]),
    ];
    const own = serviceModule(service, {
      module: SeamModule,
      takes: [
        { from: 'MessagingModule', parts: [Committer] },
        { from: 'EventSourcingModule', parts: [AggregateReader] },
      ],
      providers: [
        { provide: Clock, useValue: systemClock },
        {
          provide: Aggregates,
          inject: [Committer, AggregateReader, Clock],
          useFactory: (committer: Committer, reader: AggregateReader, clock: Clock) =>
            new Aggregates(committer, reader, clock),
        },
        {
          provide: Sagas,
          inject: [Committer, Clock],
          useFactory: (committer: Committer, clock: Clock) => new Sagas(service, committer, clock),
        },
      ],
      exports: [Clock, Aggregates, Sagas],
    });
    const imports = [CqrsModule, ...parts, own];
    return { module: ServicePartsModule, imports, exports: imports };
  }
}

const eventRoutesOf = (service: string): ReturnType<typeof eventSourcingRoutes> =>
  eventSourcingRoutes({
    setAside: {
      path: `api/set-aside/${service}`,
      example: { what: 'saga-list', stream: `${service}-1`, reason: 'event 3 (renamed): unexpected case' },
    },
    readModels: {
      path: `api/read-models/${service}`,
      tag: service,
      lists: `the lists of ${service}`,
      example: 'saga-list',
    },
  });

function sagaModuleOf(
  service: string,
  engine: ReturnType<ServiceEngine['adapters']>['sagas'],
  { definitions, correlation }: SeamServiceSagas,
): DynamicModule {
  const example = {
    definition: definitions[0]?.name ?? 'saga',
    correlationId: '3f0a1c52-9d4e-8b77-a1c2-5e6f7a8b9c0d',
    step: definitions[0]?.steps[0]?.name ?? 'step',
  };
  const http = sagaRoutes({ correlation: { name: correlation, answer: Id, query: Id }, example });
  return SagaModule.forService({ service, sagas: definitions, engine, http });
}
