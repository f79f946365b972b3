/** A value's place in a {@link LinkedList}. */
export interface ListEntry<T> {
  readonly value: T;
}

class Entry<T> implements ListEntry<T> {
  before: Entry<T> | undefined;
  after: Entry<T> | undefined;

  constructor(
    readonly value: T,
    public list: LinkedList<T> | undefined,
  ) {}
}

/**
 * Values in the order in which they were added, each removed by its entry: for what comes and goes with every request. A
 * `Map` or `Set` allocates a new table again and again while entries are added and removed, and each old table references the
 * values of its time and the next table. Once one table is old enough for V8's old generation, all later ones and
 * their values survive with it until the next full garbage collection, and collections of the young generation become
 * slow. Here a removed entry references no other.
 */
export class LinkedList<T> {
  #first: Entry<T> | undefined;
  #last: Entry<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The value that was added the longest ago. */
  get oldest(): T | undefined {
    return this.#first?.value;
  }

  add(value: T): ListEntry<T> {
    const entry = new Entry(value, this);
    entry.before = this.#last;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.after = entry;
    this.#last = entry;
    this.#size += 1;
    return entry;
  }

  /** Removes an entry of this list; removing it again has no effect. */
  remove(entry: ListEntry<T>): void {
    if (!(entry instanceof Entry) || entry.list !== this) return;
    const { before, after } = entry;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    entry.before = entry.after = entry.list = undefined;
    this.#size -= 1;
  }

  /** The values at the time of the call, oldest first; later additions and removals do not change them. */
  values(): T[] {
    const values: T[] = [];
    for (let entry = this.#first; entry !== undefined; entry = entry.after) values.push(entry.value);
    return values;
  }
}
