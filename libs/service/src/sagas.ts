import { type DomainEvent, eventWork, fold } from '@seam/event-sourcing';
import { Clock, CodedError, derivedId } from '@seam/kernel';
import { Committer, type Work } from '@seam/messaging';
import { Saga, type SagaDefinition, startSaga } from '@seam/saga';
import type { Decide, Refusal } from './decision.js';

/** Starts the sagas of a service. */
export class Sagas {
  constructor(
    private readonly service: string,
    private readonly committer: Committer,
    private readonly clock: Clock,
  ) {}

  /** Like {@link starting}, committed: resolves with the aggregate's id. A refusal rejects with a conflict. */
  start<I, S, E extends DomainEvent>(
    definition: SagaDefinition<I, S, E>,
    input: NoInfer<I>,
    begin: Decide<S, readonly E[] | Refusal>,
  ): Promise<string> {
    return this.committer.commit(this.starting(definition, input, begin));
  }

  /**
   * The work that starts a saga, for the handler of a message: the first events of its aggregate, the saga, and its first
   * command, in one commit. An aggregate has one saga of a definition: starting it again changes nothing.
   */
  starting<I, S, E extends DomainEvent>(
    definition: SagaDefinition<I, S, E>,
    input: NoInfer<I>,
    begin: Decide<S, readonly E[] | Refusal>,
  ): Work<string> {
    const { aggregate, name } = definition;
    const aggregateId = definition.aggregateId(input);
    const id = derivedId(name, aggregateId);
    const at = this.clock.now().toISOString();
    const streams = { one: { aggregate, id: aggregateId }, saga: { aggregate: Saga, id } };
    return eventWork(streams, ({ one, saga }) => {
      if (saga.status !== 'none') return { value: aggregateId };
      const first = begin(one, at);
      if ('refused' in first) throw new CodedError('conflict', first.refused.code, first.refused.reason);
      const state = fold(aggregate, first, one);
      const started = startSaga(definition, { id, correlationId: aggregateId, data: input }, state, at, this.service);
      return {
        value: aggregateId,
        events: { one: [...first, ...started.aggregate], saga: started.saga },
        messages: started.messages,
      };
    });
  }
}
