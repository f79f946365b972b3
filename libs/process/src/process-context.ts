import type { Settings } from './settings/settings.js';

/** The information for a hosted service about its process. */
export abstract class ProcessContext {
  abstract readonly settings: Settings;
  /** The names of the services hosted here. */
  abstract readonly services: readonly string[];
  /**
   * Whether no other process uses these PostgreSQL databases: then locks and leases of a dead process may be taken over
   * at once.
   */
  abstract readonly exclusiveStore: boolean;
  /**
   * The connection URL of a service's own PostgreSQL database, which need not exist yet; an embedded server is started.
   */
  abstract databaseUrl(service: string): Promise<string>;
}
