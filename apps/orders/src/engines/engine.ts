import type { Provider } from '@nestjs/common';
import type { ServiceStore } from '@seam/host';

/** An engine the orders service can stand on: its store, and the adapters of the service's own ports on it. */
export interface OrdersEngine {
  readonly store: ServiceStore;
  /** `EventStore`, `Catalogue`, `Customers`, `OrderFinder`, `SagaFinder`, `SetAsides` and `ReadModels`, with event works registered. */
  readonly adapters: readonly Provider[];
}
