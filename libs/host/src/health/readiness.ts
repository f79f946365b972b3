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
}
