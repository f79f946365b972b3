/** A process that hosts a service. */
export interface Instance {
  /** Identifies it among the service's instances; constant while the process runs. */
  readonly id: string;
  /** Base URL without a trailing slash. */
  readonly url: string;
}

/** The state of the registry, for health and metrics. */
export interface RegistryStatus {
  /** `consul`, `static`, or `none` if nothing was configured. */
  readonly kind: string;
  /** `away`: the known instances may be outdated. */
  readonly state: 'up' | 'away';
  /** Start of the current state, if it can change. */
  readonly since?: Date;
}

/** Finds the instances of services. */
export abstract class Discovery {
  /**
   * The healthy instances known now, from memory: the last known ones while the registry does not answer, none for a
   * service that is not watched. The array is the same object until something changes.
   */
  abstract instances(service: string): readonly Instance[];
  /** Resolves once each of these services has been looked up; they are watched from now on. Safe to call twice. */
  abstract watch(services: readonly string[]): Promise<void>;
  /**
   * Registers this process for these services at `url` until the close. Its health is `<url>/health/ready`, so call this
   * when that answers. Rejects if the registry refuses.
   */
  abstract register(services: readonly string[], url: string): Promise<void>;
  abstract status(): RegistryStatus;
  /** Removes the registrations, and stops watching. Never rejects, and takes no longer than two seconds. */
  abstract close(): Promise<void>;
}
