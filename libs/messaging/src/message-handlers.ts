import { ENHANCER_KEY_TO_SUBTYPE_MAP } from '@nestjs/common/constants.js';
import { type DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { TransportId } from '@nestjs/microservices';
import { PARAM_ARGS_METADATA } from '@nestjs/microservices/constants.js';
import { ListenerMetadataExplorer } from '@nestjs/microservices/listener-metadata-explorer.js';
import type { Message } from '@seam/kernel';
import { type HandlerExtras, transportOf } from './decorators.js';
import type { Work } from './work.js';

/**
 * A controller's method that handles one type of message. It is called directly, without Nest's guards, interceptors,
 * pipes and filters.
 */
export interface Handler extends HandlerExtras {
  /** `Class.method`, for traces and errors. */
  readonly method?: string;
  /** May throw, or return a promise that rejects. */
  invoke(message: Message): Work | Promise<Work>;
}

/** A service's handlers, by type of message. */
export type MessageHandlers = ReadonlyMap<string, Handler>;

/** A controller, as Nest has created it. */
export type Controller = Pick<
  ReturnType<DiscoveryService['getControllers']>[number],
  'instance' | 'isDependencyTreeStatic'
>;

/**
 * A method cannot handle its message as it is declared; this stops the start. The message lists each such method, and
 * what to do.
 */
export class HandlerError extends Error {
  override readonly name = 'HandlerError';
  readonly code = 'MESSAGING.HANDLERS';
}

const explorer = new ListenerMetadataExplorer(new MetadataScanner());

/**
 * Finds a service's handlers among an application's controllers, by Nest's message patterns. Throws a {@link
 * HandlerError} for declarations that would silently be ignored: a second handler for one type, a request-scoped
 * controller, and guards, interceptors, pipes, filters and parameter decorators, which only work for HTTP.
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

/** Declarations of such a method that have no effect for messages. */
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
