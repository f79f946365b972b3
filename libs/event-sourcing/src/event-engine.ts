import type { Provider } from '@nestjs/common';
import type { ProjectorLoop } from './projector-loop.js';

/**
 * An engine that stores a service's events. Its adapters provide `EventStore`, `SetAsides`, `Rebuilds` and
 * {@link Projectors}, and take event works of the service's committer; they build on what the service's store exports,
 * and on `ReadModels`.
 */
export interface EventEngine {
  readonly adapters: readonly Provider[];
}

/** The projectors that keep a service's read models up to date, in the order in which they are rebuilt. */
export class Projectors {
  constructor(readonly all: readonly ProjectorLoop[]) {}
}
