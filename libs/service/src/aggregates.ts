import { type Aggregate, AggregateReader, type DomainEvent, eventWork } from '@seam/event-sourcing';
import { Clock, CodedError, type Message } from '@seam/kernel';
import { Committer, type Work } from '@seam/messaging';
import { type CommandContract, done, refused, replyTo } from '@seam/messaging/contract';
import { type Answer, changeOf, type Decide, type Decision } from './decision.js';

/** The aggregates of a service: each change is decided on one of them, and is one commit with its messages. */
export class Aggregates {
  constructor(
    private readonly committer: Committer,
    private readonly reader: AggregateReader,
    private readonly clock: Clock,
  ) {}

  /** Its state now; the initial one where nothing has happened to it. */
  async read<S, E extends DomainEvent>(aggregate: Aggregate<S, E>, id: string): Promise<S> {
    return (await this.reader.load(aggregate, id)).state;
  }

  /** Decides and commits. A refusal rejects with a conflict of its code and reason, and nothing is written. */
  async change<S, E extends DomainEvent>(
    aggregate: Aggregate<S, E>,
    id: string,
    decide: Decide<S, Decision<E>>,
  ): Promise<void> {
    await this.committer.commit(this.handle(aggregate, id, decide));
  }

  /**
   * A change that a message causes, for the handler of an event. A refusal throws, so the message is tried again and
   * then dead-lettered: an event has no sender that could act on it.
   */
  handle<S, E extends DomainEvent>(
    aggregate: Aggregate<S, E>,
    id: string,
    decide: Decide<S, Decision<E>>,
  ): Work<undefined> {
    const at = this.clock.now().toISOString();
    return eventWork({ one: { aggregate, id } }, ({ one }) => {
      const decision = decide(one, at);
      if ('refused' in decision) throw new CodedError('conflict', decision.refused.code, decision.refused.reason);
      const { events, messages = [] } = changeOf(decision);
      return { value: undefined, events: { one: events }, messages };
    });
  }

  /** A change that a command asks for, and the reply to it, in one commit. */
  answer<S, E extends DomainEvent, D, R>(
    contract: CommandContract<D, R>,
    command: Message<D>,
    aggregate: Aggregate<S, E>,
    id: string,
    decide: Decide<S, Answer<E, NoInfer<R>>>,
  ): Work<undefined> {
    const at = this.clock.now().toISOString();
    return eventWork({ one: { aggregate, id } }, ({ one }) => {
      const decision = decide(one, at);
      if ('refused' in decision) {
        const { code, reason } = decision.refused;
        return { value: undefined, messages: replyTo(contract, command, refused(code, reason)) };
      }
      const { events, messages = [] } = changeOf(decision);
      const reply = ('reply' in decision ? decision.reply : {}) as R;
      return {
        value: undefined,
        events: { one: events },
        messages: [...messages, ...replyTo(contract, command, done(reply))],
      };
    });
  }
}
