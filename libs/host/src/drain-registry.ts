/** Something with work under way that a process ends before it stops. */
export interface Drainable {
  /** Told in the log when it was still busy at the end of the time. */
  readonly name?: string;
  /** Takes nothing new and resolves when what is under way has ended; called once, with the milliseconds it has. */
  drain(deadlineMs: number): Promise<void>;
}

/** What a process drains on its way out: after its HTTP requests have ended, before its modules are destroyed. */
export class DrainRegistry {
  private readonly drainables = new Set<Drainable>();
  private readonly drained = new Set<Drainable>();

  add(drainable: Drainable): void {
    this.drainables.add(drainable);
  }

  /** All at once, as services of one process end each other's work. Rejects with the first failure, after all ended. */
  async drain(deadlineMs: number): Promise<void> {
    const results = await Promise.allSettled(
      [...this.drainables].map(async (drainable) => {
        await drainable.drain(deadlineMs);
        this.drained.add(drainable);
      }),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** The names of those that have not ended yet. */
  get busy(): string[] {
    return [...this.drainables].filter((d) => !this.drained.has(d)).map((d) => d.name ?? d.constructor.name);
  }
}
