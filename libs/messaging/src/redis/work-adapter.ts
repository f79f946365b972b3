import type { Rejected } from '../work.js';

/** What was read: by key; null where there is nothing. */
export type RedisValues = ReadonlyMap<string, string | null>;

export type RedisWrite =
  | { readonly type: 'set'; readonly key: string; readonly value: string; readonly expiresInMs?: number }
  /** Puts a member into a sorted set, or moves it there. */
  | { readonly type: 'add'; readonly key: string; readonly member: string; readonly score: number }
  /** Takes a member out of a sorted set. */
  | { readonly type: 'remove'; readonly key: string; readonly member: string };

/** The result of the works of one kind in one batch. */
export interface RedisPlan<R> {
  /** One per input, in their order. An error fails that input alone: the writes must not contain anything of it. */
  readonly results: readonly (R | Rejected)[];
  /** Each key and member at most once. */
  readonly writes: readonly RedisWrite[];
}

/**
 * How Redis makes one kind of change for a whole batch: says what it has to know, decides, and gives its writes back as
 * data. They are written only if what was read is still so; else it decides again. Kinds share no keys.
 */
export interface RedisWorkAdapter<I, R> {
  /** The keys these inputs rest on, as far as `known` tells; asked again with more known until it names nothing new. */
  reads(inputs: readonly I[], known: RedisValues): Iterable<string>;
  /** What is likely there, so that nobody has to look: where it is not, the commit finds out, and is decided again. */
  assumes?(inputs: readonly I[]): Iterable<readonly [key: string, value: string | null]>;
  /** Pure. `at`: the time of the commit, ms. */
  decide(inputs: readonly I[], known: RedisValues, at: number): RedisPlan<R>;
}
