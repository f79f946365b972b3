import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { Message } from '@seam/kernel';
import type { Consumer } from './consumer.js';
import type { Publisher, SendingWindow } from './publisher.js';

/** A service's receiving side: Nest hands it the service's message handlers. */
export interface Receiver extends CustomTransportStrategy {
  /** Says who consumes this service's messages; none are handled before. */
  bind(consumer: Consumer): void;
  /** Takes no new message; resolves when those being handled have ended. */
  drain(): Promise<void>;
}

/** How a transport is, for operators. */
export type TransportState = { readonly status: 'up' } | { readonly status: 'degraded'; readonly reason: string };

/** Carries a process' messages between services: one per process, for all of them. */
export abstract class Transport implements Publisher {
  /** Connects to what it needs; rejects with an error that says what to do. */
  abstract open(): Promise<void>;

  /** The service's receiving side; made at the first call. */
  abstract receiverFor(service: string): Receiver;

  abstract publish(message: Message): Promise<void>;

  abstract state(): TransportState;

  /** Whether messages are taken now; while they are not, they wait in the outboxes. */
  ready(): boolean {
    return true;
  }

  /** How much a service may have under way; none: as much as its relay thinks fit. */
  get window(): SendingWindow | undefined {
    return undefined;
  }

  /** How often, so far, a message was refused because no queue took it. */
  get unroutable(): number {
    return 0;
  }

  /** After all that publish have ended. */
  abstract close(): Promise<void>;
}
