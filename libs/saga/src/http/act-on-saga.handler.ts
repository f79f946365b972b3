import { Command, CommandHandler, type ICommandHandler, QueryBus } from '@seam/cqrs';
import { Committer } from '@seam/messaging';
import { ServiceParts } from '@seam/process';
import type { OperatorRequest } from '../engine/operator.js';
import type { SagaState } from '../engine/state.js';
import { SagaRunner } from '../runner.js';
import { GetSaga } from './find-sagas.handler.js';

export class ActOnSaga extends Command<SagaState> {
  constructor(
    readonly service: string,
    readonly id: string,
    /** `redrive`: restarts a parked saga from its current step, without a reason. */
    readonly request: OperatorRequest | 'redrive',
    /** Whether the saga still fits the request; a conflict if it does not. */
    readonly fits: (saga: SagaState) => boolean = () => true,
  ) {
    super();
  }
}

/** Carries out an operator's action on a saga; resolves with its state afterwards. */
@CommandHandler(ActOnSaga)
export class ActOnSagaHandler implements ICommandHandler<ActOnSaga, SagaState> {
  constructor(
    private readonly queries: QueryBus,
    private readonly parts: ServiceParts,
  ) {}

  async execute({ service, id, request, fits }: ActOnSaga): Promise<SagaState> {
    const [runner, committer] = [this.parts.of(service, SagaRunner), this.parts.of(service, Committer)];
    const { state: saga } = await this.queries.execute(new GetSaga(service, id));
    await committer.commit(request === 'redrive' ? runner.redrive(saga) : runner.operate(saga, request, fits));
    return (await this.queries.execute(new GetSaga(service, id))).state;
  }
}
