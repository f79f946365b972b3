import { startEmbeddedPostgres } from '@seam/persistence';
import type { Settings } from './settings.js';

/** Where the databases of a process' services are. */
export interface Databases {
  /** Where the data lies, in words for the operator; without a password. */
  readonly place: string;
  /** Whether no other process uses them. */
  readonly exclusive: boolean;
  url(service: string): string;
  stop(): Promise<void>;
}

export interface DatabaseEvents {
  log(line: string): void;
  /** The embedded server ended though nobody stopped it. */
  lost(reason: string): void;
}

const databaseName = (service: string): string => `seam_${service.replaceAll('-', '_')}`;

/** The embedded server, started, or the operator's own where the settings name one: that one is only addressed. */
export async function openDatabases(settings: Settings, events: DatabaseEvents): Promise<Databases> {
  if (settings.databaseUrl !== undefined) return external(settings.databaseUrl);
  const server = await startEmbeddedPostgres({
    directory: settings.dataDirectory,
    log: (line) => events.log(line),
    onExit: (reason) => events.lost(reason),
  });
  return {
    place: server.dataDirectory,
    exclusive: true,
    url: (service) => server.url(databaseName(service)),
    stop: () => server.stop(),
  };
}

function external(base: string): Databases {
  const url = (service: string): string => {
    const own = new URL(base);
    own.pathname = `/${databaseName(service)}`;
    return own.href;
  };
  return {
    place: `the PostgreSQL server ${new URL(base).host}`,
    exclusive: false,
    url,
    stop: () => Promise.resolve(),
  };
}
