import type { Settings } from './settings/settings.js';

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
