import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { Message } from '@seam/kernel';
import type { Consumer } from './consumer.js';
import type { MessageHandlers } from './message-handlers.js';
import type { Publisher, SendingWindow } from './publisher.js';

/** A service's receiving side, which Nest starts and closes with the application. */
export interface Receiver extends CustomTransportStrategy {
  /** Sets the consumer of this service's messages and its handlers: to be called before it listens. */
  bind(consumer: Consumer, handlers: MessageHandlers): void;
  /** Accepts no new message; resolves when those being handled have ended. */
  drain(): Promise<void>;
  /** Number of messages that wait in this process until it handles them. */
  readonly waiting: number;
  /** How long a message that came now would wait until it is handled, ms. */
  readonly waitMs: number;
}

/** A transport's status, for operators. */
export type TransportState = { readonly status: 'up' } | { readonly status: 'degraded'; readonly reason: string };

/** Carries a process' messages between services: one per process, for all of them. */
export abstract class Transport implements Publisher {
  /** Connects; rejects with an error that says what to do. */
  abstract open(): Promise<void>;

  /** The service's receiving side; made at the first call. */
  abstract receiverFor(service: string): Receiver;

  abstract publish(message: Message): Promise<void>;

  abstract state(): TransportState;

  /** Whether it accepts messages now; otherwise they wait in the outboxes. */
  ready(): boolean {
    return true;
  }

  /** Limit of what a service may send at the same time; undefined: its relay's default. */
  get window(): SendingWindow | undefined {
    return undefined;
  }

  /** How many messages were refused so far because they were not routed to any queue. */
  get unroutable(): number {
    return 0;
  }

  /** Number of messages that wait outside this process for services that were never hosted, by service. */
  get unhosted(): ReadonlyMap<string, number> {
    return new Map();
  }

  /** How many of these messages a service may have: then its commands stay in their outboxes, and its events are lost. */
  get unhostedLimit(): number {
    return Infinity;
  }

  /** To be called after all publishers have ended. */
  abstract close(): Promise<void>;
}
