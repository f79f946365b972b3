import type { RecordedEvent } from '@seam/event-sourcing';
import type { Order } from '../domain/order.js';

/** Reads orders as they are now, from their streams; one that cannot be read is `STREAM.UNREADABLE`. */
export abstract class Orders {
  /** Status `none` where there is no such order. */
  abstract get(id: string): Promise<Order>;
  /** An order and its events, oldest first. */
  abstract history(id: string): Promise<{ order: Order; events: RecordedEvent[] }>;
}
