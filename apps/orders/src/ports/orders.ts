import type { RecordedEvent } from '@seam/event-sourcing';
import type { SagaState } from '@seam/saga';
import type { Order } from '../domain/order.js';

/** Reads orders and their sagas as they are now, from their streams. */
export abstract class Orders {
  /** Status `none` where there is no such order. */
  abstract get(id: string): Promise<Order>;
  abstract history(id: string): Promise<RecordedEvent[]>;
  /** Status `none` where there is no such saga. */
  abstract saga(id: string): Promise<SagaState>;
}
