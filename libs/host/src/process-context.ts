import type { Databases } from './databases.js';
import type { Settings } from './settings.js';

/** What a hosted service may know about the process it runs in. */
export abstract class ProcessContext {
  abstract readonly settings: Settings;
  /** The names of the services hosted here. */
  abstract readonly services: readonly string[];
  /** Whether no other process uses these PostgreSQL databases: what a dead process held may be taken over at once. */
  abstract readonly exclusiveStore: boolean;
  /** The connection URL of a service's own PostgreSQL database, which need not exist yet; an embedded server is started. */
  abstract databaseUrl(service: string): Promise<string>;
}

/** A process by its settings. */
export class HostedProcess extends ProcessContext {
  constructor(
    readonly settings: Settings,
    readonly services: readonly string[],
    private readonly databases: Databases,
  ) {
    super();
  }

  override get exclusiveStore(): boolean {
    return this.databases.exclusive;
  }

  override databaseUrl(service: string): Promise<string> {
    return this.databases.url(service);
  }
}
