/** What a part of the process has accepted and not finished. Asked for at each request, so answered from memory. */
export interface BacklogSource {
  /** Number of works, in progress or waiting, whose result a caller waits for. */
  pending(): number;
  /** How long a work that came now would wait for its turn, ms; 0 if it would not. */
  waitMs(): number;
}

/** What the process has accepted and not finished, over all its parts: it refuses further work according to it. */
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

  /** Of the part where it is longest, ms. */
  get waitMs(): number {
    let longest = 0;
    for (const source of this.#sources) longest = Math.max(longest, source.waitMs());
    return longest;
  }
}
