import type { HandlerExtras } from '../decorators.js';
import type { DeadLetters } from '../dead-letters.js';
import type { Outbox } from '../outbox.js';
import type { Relay } from '../relay.js';

/** A service's waiting messages and dead letters, for operators. */
export interface ServiceMessages {
  readonly outbox: Pick<Outbox, 'lag'>;
  readonly relay: Pick<Relay, 'unsent'>;
  readonly deadLetters: Pick<
    DeadLetters,
    'list' | 'get' | 'groups' | 'count' | 'redrive' | 'edit' | 'discard' | 'actions'
  >;
  /** By type: what an edited message is checked against. */
  readonly handlers: ReadonlyMap<string, Pick<HandlerExtras, 'contract'>>;
}

/** The messages of every service in this process, by the service's name; each service adds its own. */
export class HostedMessages {
  private readonly services = new Map<string, ServiceMessages>();

  add(service: string, messages: ServiceMessages): void {
    this.services.set(service, messages);
  }

  get all(): ReadonlyMap<string, ServiceMessages> {
    return this.services;
  }
}
