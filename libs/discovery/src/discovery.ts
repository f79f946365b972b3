/** A process that answers for a service. */
export interface Instance {
  /** Tells it apart from the service's other instances; the same as long as it lives. */
  readonly id: string;
  /** Base URL without a trailing slash. */
  readonly url: string;
}

/** How the registry stands, for health and metrics. */
export interface RegistryStatus {
  /** `consul`, `static`, or `none` where nothing was configured. */
  readonly kind: string;
  /** `away`: what is known may be old. */
  readonly state: 'up' | 'away';
  /** When the state began, where it can change. */
  readonly since?: Date;
}

/** Where the services are. */
export abstract class Discovery {
  /**
   * The healthy instances known now, from memory: the last known ones while the registry is away, none for a service
   * nobody watches. The array is the same one until something changes.
   */
  abstract instances(service: string): readonly Instance[];
  /** Resolves once each of these services has been looked up; they are watched from now on. Safe to call twice. */
  abstract watch(services: readonly string[]): Promise<void>;
  /**
   * Announces that this process answers for these services at `url` until the close. Its health is
   * `<url>/health/ready`, so call it when that answers. Rejects where the registry refuses.
   */
  abstract register(services: readonly string[], url: string): Promise<void>;
  abstract status(): RegistryStatus;
  /** Takes back what was registered, and stops watching. Never rejects, and takes no longer than two seconds. */
  abstract close(): Promise<void>;
}
