import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { Message } from '@seam/kernel';
import type { Consumer } from './consumer.js';
import type { Publisher } from './publisher.js';

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

  /** How often, so far, a message was refused because the service it is for has no queue; it stays with its sender. */
  get unroutable(): number {
    return 0;
  }

  /** After all that publish have ended. */
  abstract close(): Promise<void>;
}
