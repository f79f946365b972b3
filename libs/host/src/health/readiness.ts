/** Resolves where the dependency answers, rejects where it does not. */
export type ReadinessCheck = () => Promise<unknown>;

/** Whether a process should get requests: it has started, is not draining, and what it depends on answers. */
export class Readiness {
  private readonly registered = new Map<string, ReadinessCheck>();
  phase: 'starting' | 'ready' | 'draining' = 'starting';

  /** `name` as shown to operators, such as `database:orders`. */
  add(name: string, check: ReadinessCheck): void {
    this.registered.set(name, check);
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
