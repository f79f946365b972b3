import { ENHANCER_KEY_TO_SUBTYPE_MAP } from '@nestjs/common/constants.js';
import { type DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { TransportId } from '@nestjs/microservices';
import { PARAM_ARGS_METADATA } from '@nestjs/microservices/constants.js';
import { ListenerMetadataExplorer } from '@nestjs/microservices/listener-metadata-explorer.js';
import type { Message } from '@seam/kernel';
import { type HandlerExtras, transportOf } from './decorators.js';
import type { Work } from './work.js';

/** A controller's method that takes one type of message, called as it is: nothing of Nest's stands before it. */
export interface Handler extends HandlerExtras {
  /** `Class.method`, for traces and errors. */
  readonly method?: string;
  /** May throw, at once or by what it returns. */
  invoke(message: Message): Work | Promise<Work>;
}

/** A service's handlers, by type of message. */
export type MessageHandlers = ReadonlyMap<string, Handler>;

/** A controller as Nest has made it. */
export type Controller = Pick<
  ReturnType<DiscoveryService['getControllers']>[number],
  'instance' | 'isDependencyTreeStatic'
>;

/** A method cannot handle its message as it is declared; stops the start. The message names each, and what to do. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError';
  readonly code = 'MESSAGING.HANDLERS';
}

const explorer = new ListenerMetadataExplorer(new MetadataScanner());

/**
 * Finds a service's handlers among an application's controllers, by Nest's message patterns. Throws a
 * {@link HandlerError} for what would be ignored, or lost, without a word: a second handler for one type, a controller
 * per request, and guards, interceptors, pipes, filters and parameters, which are for HTTP.
 */
export function handlersOf(service: string, controllers: readonly Controller[]): MessageHandlers {
  const handlers = new Map<string, Handler>();
  const faults: string[] = [];
  for (const controller of controllers) {
    const instance = controller.instance as object;
    for (const { transport, patterns, extras, methodKey, targetCallback } of explorer.explore(instance)) {
      const [type] = patterns;
      if ((transport as TransportId | undefined) !== transportOf(service) || typeof type !== 'string') continue;
      const method = `${instance.constructor.name}.${methodKey}`;
      const other = handlers.get(type)?.method;
      if (other !== undefined) faults.push(`${service} has two handlers for ${type}: ${other} and ${method}`);
      faults.push(...faultsOf(controller, methodKey, targetCallback).map((fault) => `${method} ${fault}`));
      const invoke = targetCallback.bind(instance) as Handler['invoke'];
      handlers.set(type, { ...(extras as HandlerExtras), method, invoke });
    }
  }
  if (faults.length > 0)
    throw new HandlerError(`Message handlers that are declared wrongly:\n  ${faults.join('\n  ')}`);
  return handlers;
}

/** What such a method is declared with, and would never meet. */
function faultsOf(controller: Controller, methodKey: string, method: object): string[] {
  const { constructor } = controller.instance as object;
  const faults = Object.entries(ENHANCER_KEY_TO_SUBTYPE_MAP)
    .filter(([key]) => Reflect.hasMetadata(key, constructor) || Reflect.hasMetadata(key, method))
    .map(
      ([, kind]) =>
        `has a ${kind}, which does not run for messages; check in the method, and keep HTTP routes in another class`,
    );
  if (Reflect.hasMetadata(PARAM_ARGS_METADATA, constructor, methodKey))
    faults.push('has a decorated parameter: its only argument is the whole message');
  if (!controller.isDependencyTreeStatic()) faults.push('is in a request-scoped class: a message is not a request');
  return faults;
}
