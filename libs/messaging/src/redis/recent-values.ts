import { LRUCache } from 'lru-cache';

/** What a process has last seen in Redis, of the keys it has used last: a guess at what is there now. */
export class RecentValues {
  /** Boxed, as a cache holds no null. */
  readonly #values: LRUCache<string, { readonly value: string | null }>;

  /** @param limit the most keys it remembers */
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
