import type { Queryable } from '@seam/messaging';
import type { PositionedEvent } from './event-store.js';

/** A read model made of one category's events. */
export interface Projection {
  /** Names its checkpoint: another name starts from the first event. */
  readonly name: string;
  readonly category: string;
  /** Applies events in their order, in the transaction that moves the checkpoint: each is applied exactly once. */
  apply(events: readonly PositionedEvent[], db: Queryable): Promise<void>;
  /** Empties the read model, for a rebuild. */
  clear(db: Queryable): Promise<void>;
}
