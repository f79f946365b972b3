import type { InjectionToken, Provider } from '@nestjs/common';

/** A service's store while the process runs; each engine brings its own. */
export abstract class StoreLifecycle {
  /** Whether no other process uses it: what a dead process held may be taken over at once. */
  abstract readonly exclusive: boolean;

  /** Resolves when the store is seen to answer, whoever asked it; rejects where it is away. */
  abstract answers(): Promise<void>;

  /** Begins what the store does by itself, such as forgetting old marks. */
  abstract start(): void;

  abstract stop(): Promise<void>;
}

/**
 * The engine a service stands on: the adapters of the ports every service needs. `providers` must provide
 * {@link StoreLifecycle} and, of @seam/messaging, `Committer`, `Outbox` and `DeadLetters`; it may use `Relay`, and what
 * is global in a process. `exports` are those tokens that the service's own adapters build on.
 */
export interface ServiceStore {
  providers(service: string): readonly Provider[];
  readonly exports: readonly InjectionToken[];
  /** Its name in traces, as OpenTelemetry has it (`db.system.name`), such as `postgresql`. */
  readonly engine?: string;
}
