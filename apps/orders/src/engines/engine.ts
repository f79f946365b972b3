import type { Provider } from '@nestjs/common';
import type { EventEngine } from '@seam/event-sourcing';
import type { ServiceStore } from '@seam/messaging';
import type { SagaFinder } from '@seam/saga';

/** An engine the orders service can stand on. */
export interface OrdersEngine {
  readonly store: ServiceStore;
  readonly events: EventEngine;
  readonly sagas: Provider<SagaFinder>;
  /** Of the service's own ports: `Catalogue`, `Customers` and `OrderFinder`. */
  readonly adapters: readonly Provider[];
}
