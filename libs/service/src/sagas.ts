import { type DomainEvent, eventWork, fold } from '@seam/event-sourcing';
import type { Clock } from '@seam/kernel';
import { derivedId } from '@seam/kernel';
import type { Committer } from '@seam/messaging';
import { type Work } from '@seam/messaging';
import { Saga, type SagaDefinition, startSaga } from '@seam/saga';
import { type Decide, type Refusal, refusalError } from './decision.js';

/** The sagas of a service. */
export class Sagas {
  constructor(
    private readonly service: string,
    private readonly committer: Committer,
    private readonly clock: Clock,
  ) {}

  /** The sagas of a definition, which must be one of the service's. */
  of<I, S, E extends DomainEvent>(definition: SagaDefinition<I, S, E>): SagasOfDefinition<I, S, E> {
    return new SagasOfDefinition(definition, this.service, this.committer, this.clock);
  }
}

class SagasOfDefinition<I, S, E extends DomainEvent> {
  constructor(
    private readonly definition: SagaDefinition<I, S, E>,
    private readonly service: string,
    private readonly committer: Committer,
    private readonly clock: Clock,
  ) {}

  /** Like {@link starting}, committed: resolves with the aggregate's id. A refusal rejects with a conflict. */
  start(input: I, begin: Decide<S, readonly E[] | Refusal>): Promise<string> {
    return this.committer.commit(this.starting(input, begin));
  }

  /**
   * The work that starts a saga, for the handler of a message: the first events of its aggregate, the saga, and its first
   * command, in one commit. An aggregate has one saga of a definition: starting it again changes nothing.
   */
  starting(input: I, begin: Decide<S, readonly E[] | Refusal>): Work<string> {
    const { definition, service } = this;
    const aggregateId = definition.aggregateId(input);
    const id = derivedId(definition.name, aggregateId);
    const at = this.clock.now().toISOString();
    const streams = { one: { aggregate: definition.aggregate, id: aggregateId }, saga: { aggregate: Saga, id } };
    return eventWork(streams, ({ one, saga }) => {
      if (saga.status !== 'none') return { value: aggregateId };
      const first = begin(one, at);
      if ('refused' in first) throw refusalError(first);
      const state = fold(definition.aggregate, first, one);
      const started = startSaga(definition, { id, correlationId: aggregateId, data: input }, state, at, service);
      return {
        value: aggregateId,
        events: { one: [...first, ...started.aggregate], saga: started.saga },
        messages: started.messages,
      };
    });
  }
}
