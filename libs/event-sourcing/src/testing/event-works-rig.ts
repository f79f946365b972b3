import type { Committer } from '@seam/messaging';
import type { EventWorkHooks } from '../deciding.js';
import type { EventStore } from '../event-store.js';

export interface EventWorksRig {
  readonly store: EventStore;
  /** A committer like that of a separate process, with event works registered. */
  committer(hooks?: EventWorkHooks): Committer;
  /** Whether only one process may use the store. */
  readonly exclusive?: boolean;
}
