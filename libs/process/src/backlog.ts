/** The accepted and unfinished work of a part of the process. Read for each request, so it must be known in memory. */
export interface BacklogSource {
  /** Number of works, in progress or waiting, whose result a caller waits for. */
  pending(): number;
  /** How long a work that arrives now would wait before it starts, ms. */
  waitMs(): number;
}

/** The accepted and unfinished work of all parts of the process, by which it decides whether to refuse further work. */
export class Backlog {
  readonly #sources: BacklogSource[] = [];

  add(source: BacklogSource): void {
    this.#sources.push(source);
  }

  get pending(): number {
    let sum = 0;
    for (const source of this.#sources) sum += source.pending();
    return sum;
  }

  /** The longest of all parts, ms. */
  get waitMs(): number {
    let longest = 0;
    for (const source of this.#sources) longest = Math.max(longest, source.waitMs());
    return longest;
  }
}
