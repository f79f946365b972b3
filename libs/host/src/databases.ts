import { startEmbeddedPostgres } from '@seam/persistence/embedded';
import type { Settings } from '@seam/process';

/** The PostgreSQL server of a process' services: started, or connected to, when the first of them needs it. */
export interface Databases {
  /** Whether no other process uses them. */
  readonly exclusive: boolean;
  /** The location of the data, for the operator, without a password; undefined before the first database. */
  readonly place: string | undefined;
  /** The connection URL of a service's own database, which need not exist yet. */
  url(service: string): Promise<string>;
  stop(): Promise<void>;
}

export interface DatabaseEvents {
  log(line: string): void;
  /** Called if the embedded server ends unexpectedly. */
  lost(reason: string): void;
}

const databaseName = (service: string): string => `seam_${service.replaceAll('-', '_')}`;

/** The embedded server, or the operator's server if the settings name one: that one is not started or stopped. */
export function databasesOf(settings: Settings, events: DatabaseEvents): Databases {
  return settings.databaseUrl === undefined
    ? new EmbeddedDatabases(settings, events)
    : new ServerDatabases(settings.databaseUrl);
}

class EmbeddedDatabases implements Databases {
  readonly exclusive = true;
  #server: ReturnType<typeof startEmbeddedPostgres> | undefined;
  #place: string | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly events: DatabaseEvents,
  ) {}

  get place(): string | undefined {
    return this.#place;
  }

  async url(service: string): Promise<string> {
    this.#server ??= startEmbeddedPostgres({
      directory: this.settings.dataDirectory,
      log: (line) => this.events.log(line),
      onExit: (reason) => this.events.lost(reason),
    });
    const server = await this.#server;
    this.#place = server.dataDirectory;
    return server.url(databaseName(service));
  }

  async stop(): Promise<void> {
    const server = await this.#server?.catch(() => undefined); // The caller that started it gets the error.
    await server?.stop();
  }
}

class ServerDatabases implements Databases {
  readonly exclusive = false;
  readonly place: string;

  constructor(private readonly base: string) {
    this.place = `the PostgreSQL server ${new URL(base).host}`;
  }

  url(service: string): Promise<string> {
    const own = new URL(this.base);
    own.pathname = `/${databaseName(service)}`;
    return Promise.resolve(own.href);
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
