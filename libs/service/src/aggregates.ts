import type { AggregateReader } from '@seam/event-sourcing';
import { type Aggregate, type DomainEvent, eventWork } from '@seam/event-sourcing';
import type { Clock } from '@seam/kernel';
import { type Message } from '@seam/kernel';
import type { Committer } from '@seam/messaging';
import { answering, type CommandWork, type Work } from '@seam/messaging';
import { type CommandContract, done, refused } from '@seam/messaging/contract';
import { type Answer, changeOf, type Decide, type Decision, refusalError } from './decision.js';

/** The aggregates of a service. */
export class Aggregates {
  constructor(
    private readonly committer: Committer,
    private readonly reader: AggregateReader,
    private readonly clock: Clock,
  ) {}

  /** One aggregate, which need not exist yet. Reads nothing. */
  of<S, E extends DomainEvent>(aggregate: Aggregate<S, E>, id: string): AggregateById<S, E> {
    return new AggregateById({ aggregate, id }, this.committer, this.reader, this.clock);
  }
}

/** One aggregate: each change is decided on its state, and is one commit with its messages. */
class AggregateById<S, E extends DomainEvent> {
  constructor(
    private readonly one: { readonly aggregate: Aggregate<S, E>; readonly id: string },
    private readonly committer: Committer,
    private readonly reader: AggregateReader,
    private readonly clock: Clock,
  ) {}

  /** Its state now; the initial one if it has no events. */
  async read(): Promise<S> {
    return (await this.reader.load(this.one.aggregate, this.one.id)).state;
  }

  /** Decides and commits. A refusal rejects with a conflict of its code and reason, and nothing is written. */
  async change(decide: Decide<S, Decision<E>>): Promise<void> {
    await this.committer.commit(this.handle(decide));
  }

  /**
   * A change that a message causes, for the handler of an event. A refusal throws, so the message is tried again and
   * then dead-lettered: an event has no sender that could act on it.
   */
  handle(decide: Decide<S, Decision<E>>): Work<void> {
    const at = this.clock.now().toISOString();
    return eventWork({ one: this.one }, ({ one }) => {
      const decision = decide(one, at);
      if ('refused' in decision) throw refusalError(decision);
      const { events, messages = [] } = changeOf(decision);
      return { value: undefined, events: { one: events }, messages };
    });
  }

  /** A change that a command requests, and the reply to it, in one commit. Refused: only the reply. */
  answer<D, R>(
    contract: CommandContract<D, R>,
    command: Message<D>,
    decide: (state: S, at: string, data: NoInfer<D>) => Answer<E, NoInfer<R>>,
  ): CommandWork<R> {
    const at = this.clock.now().toISOString();
    const change = eventWork({ one: this.one }, ({ one }) => {
      const decision = decide(one, at, command.data);
      if ('refused' in decision) {
        const { code, reason } = decision.refused;
        return { value: refused(code, reason), messages: [] };
      }
      const { events, messages = [] } = changeOf(decision);
      const reply = ('reply' in decision ? decision.reply : {}) as R;
      return { value: done(reply), events: { one: events }, messages };
    });
    return answering(contract, command, change, (outcome) => outcome);
  }
}
