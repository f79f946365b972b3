import type { EventEngine } from '@seam/event-sourcing';
import type { ServiceStore } from '@seam/messaging';
import type { SagaEngine } from '@seam/saga';

/** The adapters of one engine for everything that a service stores. */
export interface ServiceAdapters {
  readonly store: ServiceStore;
  readonly events: EventEngine;
  readonly sagas: SagaEngine;
}

/** An engine for a service: `postgres()` of `@seam/service/postgres`, `mongodb()` of `@seam/service/mongodb`. */
export interface ServiceEngine {
  /** @param sagas whether the service runs sagas: only then it has their tables and their read model */
  adapters(needs: { readonly sagas: boolean }): ServiceAdapters;
}
