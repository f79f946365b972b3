import type { MessageHandler } from '@nestjs/microservices';
import type { Handler } from './consumer.js';
import type { HandlerExtras } from './decorators.js';

/** A service's handlers by type of message, from what Nest has registered with its transport. */
export function handlersOf(service: string, registered: ReadonlyMap<string, MessageHandler>): Map<string, Handler> {
  const handlers = new Map<string, Handler>();
  for (const [type, invoke] of registered) {
    const extras = invoke.extras as HandlerExtras | undefined;
    if (extras === undefined) continue;
    // Nest chains them, and a message has one mark per handler name: the second handler would silently never run.
    if (invoke.next !== undefined) throw new Error(`${service} has two handlers for ${type}`);
    handlers.set(type, { ...extras, invoke: (message) => invoke(message) as Promise<unknown> });
  }
  return handlers;
}
