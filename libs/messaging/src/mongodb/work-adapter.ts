import type { Rejected } from '../work.js';

/** What one work comes to. */
export interface MongoDecision<R> {
  readonly result: R;
  /** `<stream>@<version>` of each event that its commit appends; none where it changes nothing. */
  readonly streamVersions?: readonly string[];
  /** What else its commit holds, under names that no other kind uses. */
  readonly content?: Readonly<Record<string, unknown>>;
}

/** It rests on what another work of its batch changes: to be decided when that is durable. Never the first of a kind. */
export const LATER = Symbol('later');
/** What it rests on turned out to be otherwise: to be decided again, as retried. */
export const AGAIN = Symbol('again');

export interface MongoInput<I> {
  readonly input: I;
  /** It has conflicted before, so earlier assumptions may be wrong. */
  readonly retried: boolean;
}

/** How MongoDB makes one kind of change: each work a document of its own, which holds all of it. */
export interface MongoWorkAdapter<I, R> {
  /**
   * Decides a batch's works, one outcome for each in their order, with as few reads as can be. Nothing is written here,
   * but for what may be written again at any time without a difference: that is made before the commit, which may
   * never come.
   */
  decide(
    inputs: readonly MongoInput<I>[],
  ): Promise<readonly (MongoDecision<R> | Rejected | typeof LATER | typeof AGAIN)[]>;

  /** After commits of which at least one held content of this kind. */
  committed?(): void;
}
