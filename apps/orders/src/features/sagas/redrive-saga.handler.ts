import { Command, CommandHandler, type ICommandHandler, QueryBus } from '@seam/cqrs';
import { Committer } from '@seam/messaging';
import { SagaRunner, type SagaState } from '@seam/saga';
import { GetSaga } from './find-sagas.handler.js';

export class RedriveSaga extends Command<SagaState> {
  constructor(readonly id: string) {
    super();
  }
}

/** Sends a parked saga on, from the step it stands at; resolves with how it stands then. */
@CommandHandler(RedriveSaga)
export class RedriveSagaHandler implements ICommandHandler<RedriveSaga, SagaState> {
  constructor(
    private readonly queries: QueryBus,
    private readonly runner: SagaRunner,
    private readonly committer: Committer,
  ) {}

  async execute({ id }: RedriveSaga): Promise<SagaState> {
    await this.committer.commit(this.runner.redrive(await this.queries.execute(new GetSaga(id))));
    return this.queries.execute(new GetSaga(id));
  }
}
