import type { Rejected } from '../work.js';

/** The values that were read, by key; null if the key does not exist. */
export type RedisValues = ReadonlyMap<string, string | null>;

export type RedisWrite =
  | { readonly type: 'set'; readonly key: string; readonly value: string; readonly expiresInMs?: number }
  /** Adds a member to a sorted set, or changes its score. */
  | { readonly type: 'add'; readonly key: string; readonly member: string; readonly score: number }
  /** Removes a member from a sorted set. */
  | { readonly type: 'remove'; readonly key: string; readonly member: string };

/** The result of the works of one kind in one batch. */
export interface RedisPlan<R> {
  /** One per input, in their order. An error fails that input alone: the writes must not contain anything of it. */
  readonly results: readonly (R | Rejected)[];
  /** Each key and member at most once. */
  readonly writes: readonly RedisWrite[];
}

/**
 * Makes one kind of change on Redis for a whole batch: names the keys to read, decides, and returns its writes as data.
 * They are written only if the values that were read have not changed; otherwise it decides again. Different kinds must
 * not share keys.
 */
export interface RedisWorkAdapter<I, R> {
  /**
   * The keys that these inputs depend on, as far as this can be derived from `known`; called again with more known
   * values until it returns no new key.
   */
  reads(inputs: readonly I[], known: RedisValues): Iterable<string>;
  /**
   * Values that are likely current, so that they are not read. If one is wrong, the commit detects it, and the batch is
   * decided again.
   */
  assumes?(inputs: readonly I[]): Iterable<readonly [key: string, value: string | null]>;
  /** Pure. `at`: the time of the commit, ms. */
  decide(inputs: readonly I[], known: RedisValues, at: number): RedisPlan<R>;
}
