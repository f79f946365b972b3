import type { RecordedEvent } from '@seam/event-sourcing';
import type { Order } from '../domain/order.js';

/** Reads the current state of orders from their streams; for an unreadable one, rejects with `STREAM.UNREADABLE`. */
export abstract class Orders {
  /** Status `none` if there is no such order. */
  abstract get(id: string): Promise<Order>;
  /** An order and its events, oldest first. */
  abstract history(id: string): Promise<{ order: Order; events: RecordedEvent[] }>;
}
