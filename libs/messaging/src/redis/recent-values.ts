import { LRUCache } from 'lru-cache';

/** The values that this process last saw in Redis for recently used keys: probably still current. */
export class RecentValues {
  /** Wrapped in an object, because the cache cannot store null. */
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
