import { LRUCache } from 'lru-cache';

/** The values that a process saw last in Redis, of its recently used keys: probably still current. */
export class RecentValues {
  /** Boxed, as a cache holds no null. */
  readonly #values: LRUCache<string, { readonly value: string | null }>;

  /** @param limit maximum number of keys */
  constructor(limit: number) {
    this.#values = new LRUCache({ max: limit });
  }

  get(key: string): string | null | undefined {
    return this.#values.get(key)?.value;
  }

  set(key: string, value: string | null): void {
    this.#values.set(key, { value });
  }
}
