import { Command, CommandHandler, type ICommandHandler, QueryBus } from '@seam/cqrs';
import { Committer } from '@seam/messaging';
import { ServiceParts } from '@seam/process';
import type { SagaState } from '../engine/state.js';
import { SagaRunner } from '../runner.js';
import { GetSaga } from './find-sagas.handler.js';

export class RedriveSaga extends Command<SagaState> {
  constructor(
    readonly service: string,
    readonly id: string,
  ) {
    super();
  }
}

/** Restarts a parked saga from its current step; resolves with its state afterwards. */
@CommandHandler(RedriveSaga)
export class RedriveSagaHandler implements ICommandHandler<RedriveSaga, SagaState> {
  constructor(
    private readonly queries: QueryBus,
    private readonly parts: ServiceParts,
  ) {}

  async execute({ service, id }: RedriveSaga): Promise<SagaState> {
    const [runner, committer] = [this.parts.of(service, SagaRunner), this.parts.of(service, Committer)];
    await committer.commit(runner.redrive(await this.queries.execute(new GetSaga(service, id))));
    return this.queries.execute(new GetSaga(service, id));
  }
}
