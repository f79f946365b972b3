import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { CodedError } from '@seam/kernel';
import { SagaFinder, type SagaQuery, type SagaState } from '@seam/saga';
import { Orders } from '../../ports/orders.js';

export class ListSagas extends Query<readonly SagaState[]> {
  constructor(readonly wanted: SagaQuery) {
    super();
  }
}

export class GetSaga extends Query<SagaState> {
  constructor(readonly id: string) {
    super();
  }
}

/** Latest first, a moment behind. */
@QueryHandler(ListSagas)
export class ListSagasHandler implements IQueryHandler<ListSagas> {
  constructor(private readonly finder: SagaFinder) {}

  execute({ wanted }: ListSagas): Promise<readonly SagaState[]> {
    return this.finder.list(wanted);
  }
}

/** One saga as its events tell it. */
@QueryHandler(GetSaga)
export class GetSagaHandler implements IQueryHandler<GetSaga> {
  constructor(private readonly orders: Orders) {}

  async execute({ id }: GetSaga): Promise<SagaState> {
    const saga = await this.orders.saga(id);
    if (saga.status === 'none') throw new CodedError('not-found', 'SAGA.NOT_FOUND', 'There is no such saga');
    return saga;
  }
}
