import { LRUCache } from 'lru-cache';

/** A stream's state and the version of its last event. */
export interface Known {
  readonly state: unknown;
  readonly version: number;
}

/**
 * The most recently used streams' states. Where other processes append to the store, too, they are only for who compares
 * the version: a decision that appends nothing would rest on a state nobody checks.
 */
export class StateCache {
  readonly #known: LRUCache<string, Known> | undefined;

  /** @param limit the most streams it remembers; 0 for none */
  constructor(limit: number) {
    this.#known = limit === 0 ? undefined : new LRUCache({ max: limit });
  }

  get(stream: string): Known | undefined {
    return this.#known?.get(stream);
  }

  set(stream: string, known: Known): void {
    this.#known?.set(stream, known);
  }

  delete(stream: string): void {
    this.#known?.delete(stream);
  }
}
