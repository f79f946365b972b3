import type { Origin } from '../origin.js';
import type { Rejected } from '../work.js';

/** The decision of one work. */
export interface MongoDecision<R> {
  readonly result: R;
  /** `<stream>@<version>` of each event that its commit appends; undefined if it appends none. */
  readonly streamVersions?: readonly string[];
  /** Other fields of its commit, with names that no other kind uses. */
  readonly content?: Readonly<Record<string, unknown>>;
}

/** The work depends on a change by another work of its batch: decide it after that is durable. Never the first of a kind. */
export const LATER = Symbol('later');
/** The data that the decision was based on have changed: decide the work again, as `retried`. */
export const AGAIN = Symbol('again');

export interface MongoInput<I> {
  readonly input: I;
  /** It has conflicted before, so earlier assumptions may be wrong. */
  readonly retried: boolean;
  readonly origin: Origin;
}

/** Decides one kind of work on MongoDB: each work becomes one document with all of its changes. */
export interface MongoWorkAdapter<I, R> {
  /**
   * Decides a batch's works, one outcome for each in their order, with as few reads as possible. It must not write, except
   * idempotent writes that are harmless even if the commit never happens.
   */
  decide(
    inputs: readonly MongoInput<I>[],
  ): Promise<readonly (MongoDecision<R> | Rejected | typeof LATER | typeof AGAIN)[]>;

  /** Called after commits of which at least one had content of this kind. */
  committed?(): void;
}
