import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { AggregateReader, type RecordedEvent } from '@seam/event-sourcing';
import { CodedError } from '@seam/kernel';
import { ServiceParts } from '@seam/process';
import { Saga, type SagaState } from '../engine/state.js';
import { SagaFinder, type SagaQuery } from '../saga-finder.js';

export class ListSagas extends Query<readonly SagaState[]> {
  constructor(
    readonly service: string,
    readonly wanted: SagaQuery,
  ) {
    super();
  }
}

/** A saga and its events, oldest first. */
export interface SagaHistory {
  readonly state: SagaState;
  readonly events: readonly RecordedEvent[];
}

export class GetSaga extends Query<SagaHistory> {
  constructor(
    readonly service: string,
    readonly id: string,
  ) {
    super();
  }
}

/** Latest first. The list may be slightly out of date. */
@QueryHandler(ListSagas)
export class ListSagasHandler implements IQueryHandler<ListSagas> {
  constructor(private readonly parts: ServiceParts) {}

  execute({ service, wanted }: ListSagas): Promise<readonly SagaState[]> {
    return this.parts.of(service, SagaFinder).list(wanted);
  }
}

/** One saga, read from its events. */
@QueryHandler(GetSaga)
export class GetSagaHandler implements IQueryHandler<GetSaga> {
  constructor(private readonly parts: ServiceParts) {}

  async execute({ service, id }: GetSaga): Promise<SagaHistory> {
    const { state, events } = await this.parts.of(service, AggregateReader).read(Saga, id);
    if (state.status === 'none') throw new CodedError('not-found', 'SAGA.NOT_FOUND', 'There is no such saga');
    return { state, events };
  }
}
