import type { InjectionToken, Provider } from '@nestjs/common';
import type { ProjectorLoop } from './projector-loop.js';

/**
 * An engine that stores a service's events. Its adapters provide `EventStore`, `SetAsides`, `Rebuilds` and
 * {@link Projectors}, and take event works of the service's committer; they build on `ReadModels`, and on what they use of
 * the service's store.
 */
export interface EventEngine {
  readonly adapters: readonly Provider[];
  /** Of the exports of the service's `ServiceStore`, such as its database. */
  readonly uses: readonly InjectionToken[];
}

/** The projectors that keep a service's read models up to date, in the order in which they are rebuilt. */
export class Projectors {
  constructor(readonly all: readonly ProjectorLoop[]) {}
}
