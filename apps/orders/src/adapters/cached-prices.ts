import { LRUCache } from 'lru-cache';
import type { Price } from '../domain/pricing.js';

/** If other processes write products to the same store, a price may be used from memory for this time, ms. */
const SHARED_FRESH_MS = 1_000;
/** Maximum number of prices in memory; the least recently used ones are removed first. */
const MAX_PRICES = 20_000;

/** Reads the prices of these SKUs from the store; unknown SKUs are left out. */
export type ReadPrices = (skus: readonly string[]) => Promise<readonly (readonly [string, Price])[]>;

/**
 * A cache of recently used prices. A product that this process writes is removed at once; a change by another process
 * is seen within a second.
 */
export class CachedPrices {
  readonly #fresh: LRUCache<string, Price & { until: number }>;
  readonly #freshMs: number;
  /** Number of calls of `forget`. */
  #forgotten = 0;

  /**
   * @param exclusive whether no other process writes products to the same store
   * @param most maximum number of prices in memory
   */
  constructor(
    private readonly read: ReadPrices,
    exclusive: boolean,
    most = MAX_PRICES,
  ) {
    this.#fresh = new LRUCache({ max: most });
    this.#freshMs = exclusive ? Infinity : SHARED_FRESH_MS;
  }

  async of(skus: readonly string[]): Promise<Map<string, Price>> {
    const now = Date.now();
    const prices = new Map<string, Price>();
    for (const sku of skus) {
      const fresh = this.#fresh.get(sku);
      if (fresh !== undefined && fresh.until > now) prices.set(sku, fresh);
    }
    const unknown = skus.filter((sku) => !prices.has(sku));
    if (unknown.length > 0)
      for (const [sku, price] of await this.#read(unknown, now + this.#freshMs)) prices.set(sku, price);
    return prices;
  }

  forget(skus: Iterable<string>): void {
    this.#forgotten += 1;
    for (const sku of skus) this.#fresh.delete(sku);
  }

  /**
   * Caches the prices that were read, unless a product was written meanwhile: then they may be older than that product.
   */
  async #read(skus: readonly string[], until: number): Promise<readonly (readonly [string, Price])[]> {
    const forgotten = this.#forgotten;
    const read = await this.read(skus);
    if (forgotten === this.#forgotten) for (const [sku, price] of read) this.#fresh.set(sku, { ...price, until });
    return read;
  }
}
