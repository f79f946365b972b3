import type { InjectionToken, Provider } from '@nestjs/common';

/** An engine on which a service's sagas are found. Its adapters provide `SagaFinder`. */
export interface SagaEngine {
  readonly adapters: readonly Provider[];
  /** Of the exports of the service's `ServiceStore`, such as its database. */
  readonly uses: readonly InjectionToken[];
}
