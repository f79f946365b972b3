/** Resolves if the dependency answers, rejects if it does not. */
export type ReadinessCheck = () => Promise<unknown>;

/** The state of a dependency without which the process keeps working. */
export interface DependencyStatus {
  readonly status: 'up' | 'degraded';
  /** A public text: without addresses and secrets. */
  readonly reason?: string;
}

/** Whether a process should get requests: it has started, is not draining, and its dependencies answer. */
export class Readiness {
  private readonly registered = new Map<string, ReadinessCheck>();
  private readonly informed = new Map<string, () => DependencyStatus>();
  phase: 'starting' | 'ready' | 'draining' = 'starting';

  /** `name` as shown to operators, such as `database:rooms`. */
  add(name: string, check: ReadinessCheck): void {
    this.registered.set(name, check);
  }

  /**
   * Shows the state of a dependency, such as `broker`, and never makes the process unready: for a dependency without
   * which it keeps working. `status` is called at every check, and must answer from memory.
   */
  inform(name: string, status: () => DependencyStatus): void {
    this.informed.set(name, status);
  }

  get dependencies(): ReadonlyMap<string, () => DependencyStatus> {
    return this.informed;
  }

  get checks(): ReadonlyMap<string, ReadinessCheck> {
    return this.registered;
  }

  /** Runs each check once; the names of those that fail or take longer. */
  async settle(withinMs: number): Promise<string[]> {
    const open = new Set(this.registered.keys());
    const checks = [...this.registered].map(([name, check]) =>
      check().then(
        () => open.delete(name),
        () => undefined,
      ),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, withinMs)));
    await Promise.race([Promise.all(checks), late]);
    clearTimeout(timer);
    return [...open];
  }
}
