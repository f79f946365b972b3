/** What a process has last seen in Redis, of the keys it has used last: a guess at what is there now. */
export class RecentValues {
  readonly #values = new Map<string, string | null>();

  /** @param limit the most keys it remembers */
  constructor(private readonly limit: number) {}

  get(key: string): string | null | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: string | null): void {
    // Taken out first, so that the keys are in the order of their use.
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.limit) this.#values.delete(this.#values.keys().next().value ?? key);
  }
}
