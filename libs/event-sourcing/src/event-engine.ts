import type { InjectionToken, Provider } from '@nestjs/common';
import type { ProjectorLoop } from './projector-loop.js';

/**
 * An engine that stores a service's events. Its adapters provide `EventStore`, `SetAsides`, `Rebuilds` and {@link
 * Projectors}, and register event works with the service's committer. They depend on `ReadModels` and `SnapshotWriter`, and on the parts of
 * the service's store in `uses`.
 */
export interface EventEngine {
  readonly adapters: readonly Provider[];
  /** The exports of the service's `ServiceStore` that it needs, such as its database. */
  readonly uses: readonly InjectionToken[];
}

/** The projectors that keep a service's read models up to date, in the order in which they are rebuilt. */
export class Projectors {
  constructor(readonly all: readonly ProjectorLoop[]) {}
}
