import { LRUCache } from 'lru-cache';
import type { Price } from '../domain/pricing.js';

/** How long a price may be served from memory where another process may have kept a newer one, ms. */
const SHARED_FRESH_MS = 1_000;
/** Prices kept in memory, those used last. */
const MOST_PRICES = 20_000;

/** Reads the prices of these SKUs from the store, those it knows. */
export type ReadPrices = (skus: readonly string[]) => Promise<readonly (readonly [string, Price])[]>;

/** The prices in use, in memory: a product kept by this process is forgotten at once, by another within a second. */
export class CachedPrices {
  readonly #fresh: LRUCache<string, Price & { until: number }>;
  readonly #freshMs: number;
  /** How often products were forgotten. */
  #forgotten = 0;

  /**
   * @param exclusive whether no other process keeps products in the same store
   * @param most prices kept in memory
   */
  constructor(
    private readonly read: ReadPrices,
    exclusive: boolean,
    most = MOST_PRICES,
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

  /** Kept in memory, unless a product was kept meanwhile: then what was read may be older than that. */
  async #read(skus: readonly string[], until: number): Promise<readonly (readonly [string, Price])[]> {
    const forgotten = this.#forgotten;
    const read = await this.read(skus);
    if (forgotten === this.#forgotten) for (const [sku, price] of read) this.#fresh.set(sku, { ...price, until });
    return read;
  }
}
