import { EventPattern } from '@nestjs/microservices';
import { type CommandContract, type Contract, type EventContract, type Reply, replyType } from './contract/index.js';
import type { Message } from '@seam/kernel';
import type { CommandWork } from './command-work.js';
import type { Work } from './work.js';

/** The data of a handler's registration besides its pattern. */
export interface HandlerExtras {
  readonly handler: string;
  readonly contract?: Contract;
}

/**
 * The transport id of a service: {@link handlersOf} finds the service's methods by it, and Nest's own transports ignore
 * them.
 */
export const transportOf = (service: string): symbol => Symbol.for(`seam.${service}`);

/**
 * A decorator for methods with exactly this message as parameter, and this work as result, so that the compiler checks a
 * handler against its contract.
 */
type Handles<D, W extends Work = Work> = <M extends (message: Message<D>) => W | Promise<W>>(
  target: object,
  key: string | symbol,
  method: TypedPropertyDescriptor<M>,
) => void;

/**
 * Handles a command of this service. The method gets the whole message, checked against the contract, and returns the
 * {@link Work} to commit with the reply of the contract (`answering`); what it throws is retried, then dead-lettered. It
 * may run more than once for one message.
 */
export const HandleCommand = <D, R>(contract: CommandContract<D, R>): Handles<D, CommandWork<R>> =>
  subscription(contract.service, contract);

/** Handles another service's event on behalf of `service`, under the same terms as {@link HandleCommand}, without a reply. */
export const HandleEvent = <D>(service: string, contract: EventContract<D>): Handles<D> =>
  subscription(service, contract);

/** Handles the replies to the commands that `service` sent, under the same terms as {@link HandleCommand}. */
export const HandleReplies = (service: string): Handles<Reply> =>
  listen(replyType(service), service, { handler: `${service}/replies` });

const subscription = (service: string, contract: Contract): MethodDecorator =>
  listen(contract.type, service, { handler: `${service}/${contract.type}`, contract });

const listen = (type: string, service: string, extras: HandlerExtras): MethodDecorator =>
  EventPattern(type, transportOf(service), extras) as MethodDecorator;
