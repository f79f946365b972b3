import type { InjectionToken, Provider } from '@nestjs/common';

/** An engine in which a service's sagas are found. Its adapters provide `SagaFinder`. */
export interface SagaEngine {
  readonly adapters: readonly Provider[];
  /** The exports of the service's `ServiceStore` that it needs, such as its database. */
  readonly uses: readonly InjectionToken[];
}
