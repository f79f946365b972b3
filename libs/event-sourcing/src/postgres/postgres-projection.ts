import type { PoolClient } from 'pg';
import type { RecordedEvent } from '../event-store.js';
import type { Refused } from '../projection.js';

/** The transaction that moves a projection's checkpoint. */
export type ProjectionClient = Pick<PoolClient, 'query'>;

/** A read model made of one category's events. */
export interface Projection {
  /** Names its checkpoint: another name starts from the first event. */
  readonly name: string;
  readonly category: string;
  /**
   * 1, 2, 3 … (default 1), kept with its checkpoint. If the code has a higher one than the checkpoint, the read model is
   * rebuilt at the start, beside the one of the version before; processes of lower versions then no longer apply events.
   */
  readonly version?: number;
  /**
   * Applies events in their order, in the transaction that moves the checkpoint: each is applied exactly once. Resolves with
   * the events that it cannot apply: earlier events of their streams are applied, later ones are not.
   */
  apply(events: readonly RecordedEvent[], db: ProjectionClient): Promise<readonly Refused[]>;
  /**
   * Its tables, without a schema. A rebuild fills copies of them, which are found first in the search path of `db`; so
   * statements must not name a schema. They need no rows of each other's projection, and nothing else refers to them: no
   * foreign key, view or trigger.
   */
  readonly tables: readonly string[];
}
