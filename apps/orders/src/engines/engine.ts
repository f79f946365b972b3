import type { Provider } from '@nestjs/common';
import type { EventEngine } from '@seam/event-sourcing';
import type { ServiceStore } from '@seam/messaging';
import type { SagaEngine } from '@seam/saga';

/** An engine that the orders service can use. */
export interface OrdersEngine {
  readonly store: ServiceStore;
  readonly events: EventEngine;
  readonly sagas: SagaEngine;
  /** Adapters of the service's own ports: `Catalogue`, `Customers` and `OrderFinder`. */
  readonly adapters: readonly Provider[];
}
