/** A stream's state and the version of its last event. */
export interface Known {
  readonly state: unknown;
  readonly version: number;
}

/**
 * The most recently used streams' states. Only for a store that one process alone appends to: elsewhere a decision that
 * appends nothing would rest on a state nobody checks.
 */
export class StateCache {
  readonly #known = new Map<string, Known>();

  constructor(private readonly limit: number) {}

  get(stream: string): Known | undefined {
    const known = this.#known.get(stream);
    if (known === undefined) return undefined;
    this.#known.delete(stream);
    this.#known.set(stream, known);
    return known;
  }

  set(stream: string, known: Known): void {
    if (this.limit === 0) return;
    this.#known.delete(stream);
    this.#known.set(stream, known);
    if (this.#known.size <= this.limit) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  delete(stream: string): void {
    this.#known.delete(stream);
  }
}
