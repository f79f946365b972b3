import { LRUCache } from 'lru-cache';

/** A stream's state and the version of its last event. */
export interface Known {
  readonly state: unknown;
  readonly version: number;
}

/**
 * The states of recently used streams. If other processes append to the store, too, use them only if the version is checked
 * afterwards: a decision that appends nothing would otherwise depend on an unchecked state.
 */
export class StateCache {
  readonly #known: LRUCache<string, Known> | undefined;

  /** @param limit maximum number of streams; 0 for none */
  constructor(limit: number) {
    this.#known = limit === 0 ? undefined : new LRUCache({ max: limit });
  }

  /** Whether it holds any states. */
  get on(): boolean {
    return this.#known !== undefined;
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
