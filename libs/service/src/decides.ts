import { Controller, Inject, type Type } from '@nestjs/common';
import type { Aggregate, DomainEvent } from '@seam/event-sourcing';
import type { Message } from '@seam/kernel';
import { type CommandWork, HandleCommand } from '@seam/messaging';
import type { CommandContract } from '@seam/messaging/contract';
import { Aggregates } from './aggregates.js';
import type { Answer } from './decision.js';

/**
 * The handler of a command that is decided on one aggregate, for the `controllers` of a service: the change and the reply are
 * one commit. The decision is pure, and may be called more than once for one command.
 *
 * @param idOf the aggregate's id, by the command's data
 */
export function decides<S, E extends DomainEvent, D, R>(
  contract: CommandContract<D, R>,
  aggregate: Aggregate<S, E>,
  idOf: (data: NoInfer<D>) => string,
  decide: (state: NoInfer<S>, at: string, data: NoInfer<D>) => Answer<NoInfer<E>, NoInfer<R>>,
): Type {
  @Controller()
  class DecidedCommand {
    constructor(@Inject(Aggregates) private readonly aggregates: Aggregates) {}

    @HandleCommand(contract)
    handle(command: Message<D>): CommandWork<R> {
      return this.aggregates.of(aggregate, idOf(command.data)).answer(contract, command, decide);
    }
  }
  return DecidedCommand;
}
