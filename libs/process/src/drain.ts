/** Something whose work in progress a process finishes before it stops. */
export interface Drainable {
  /** Shown to the operator if it is still busy when the time is over. */
  readonly name: string;
  /** Accepts nothing new and resolves when its work in progress has ended; called once, with the time limit in ms. */
  drain(deadlineMs: number): Promise<void>;
}

/**
 * Stops the parts of a process after its HTTP requests have ended: every drain at once, because services of one
 * process complete each other's work; then, after the last drain and the modules' own shutdown, every close.
 */
export class DrainRegistry {
  private readonly drains = new Map<string, (deadlineMs: number) => Promise<void>>();
  private readonly closes = new Map<string, () => Promise<void>>();

  add(drainable: Drainable): void {
    this.drains.set(drainable.name, (deadlineMs) => drainable.drain(deadlineMs));
  }

  /** Resources that others use until they are drained, such as a database. */
  addClose(name: string, close: () => Promise<void>): void {
    this.closes.set(name, close);
  }

  /**
   * As {@link addClose}, for a resource that is still opening: it is closed wherever the start fails. Returns
   * `opening`.
   */
  addOpening<T>(name: string, opening: Promise<T>, close: (opened: T) => Promise<void> | void): Promise<T> {
    // If it fails there is nothing to close, and its caller gets the error.
    this.addClose(name, () => opening.then(close, () => undefined));
    return opening;
  }

  /** Resolves when all have ended; rejects with what failed, after the others have ended. */
  drain(deadlineMs: number): Promise<void> {
    return runAll(this.drains, (drain) => drain(deadlineMs));
  }

  close(): Promise<void> {
    return runAll(this.closes, (close) => close());
  }

  /** The names of those that have not ended yet. */
  get busy(): string[] {
    return [...this.drains.keys(), ...this.closes.keys()];
  }
}

/** Each is removed from the map when it ends. */
async function runAll<T>(tasks: Map<string, T>, run: (task: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(
    [...tasks].map(async ([name, task]) => {
      try {
        await run(task);
      } finally {
        tasks.delete(name);
      }
    }),
  );
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join('; '));
}
