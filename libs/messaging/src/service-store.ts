import type { InjectionToken, Provider } from '@nestjs/common';

/** A service's store while the process runs; each engine has its own implementation. */
export abstract class StoreLifecycle {
  /** Whether no other process uses it: then the leases of a dead process may be taken over at once. */
  abstract readonly exclusive: boolean;

  /** Resolves when the store has answered any request of this process; rejects if it is unavailable. */
  abstract answers(): Promise<void>;

  /** Starts the store's background work, such as deleting old marks. */
  abstract start(): void;

  abstract stop(): Promise<void>;
}

/**
 * The engine that a service uses: adapters for the ports that every service needs. `providers` must provide {@link
 * StoreLifecycle} and, of @seam/messaging, `Committer`, `Outbox` and `DeadLetters`; they may use `Relay` and the global
 * providers of a process. `exports` are the tokens that the service's own adapters use.
 */
export interface ServiceStore {
  providers(service: string): readonly Provider[];
  readonly exports: readonly InjectionToken[];
  /** Its name in traces, as defined by OpenTelemetry (`db.system.name`), such as `postgresql`. */
  readonly engine?: string;
}
