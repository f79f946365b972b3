import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { awaitEngine } from '../await-engine.js';
import { AvailabilityMonitor } from '../availability-monitor.js';
import { isClickHouseRefusal } from './clickhouse-error.js';

export interface ClickHouseOptions {
  readonly url: string;
  /** The name of its database: `<path of the URL, or seam>_<service>`. */
  readonly service: string;
  /**
   * Statements of the form `create table if not exists …` or `alter table … add column if not exists …`. Every start runs
   * them, in any number of processes at once.
   */
  readonly tables: readonly string[];
  /** Maximum time to wait for a server that is not available, ms. */
  readonly waitMs: number;
  readonly log: (line: string) => void;
  /** Called when the server becomes unavailable, and when it is available again. */
  readonly warn?: (line: string) => void;
}

const ANSWER_WITHIN_MS = 15_000;
const PROBE_MS = 1_200;

type Row = Readonly<Record<string, unknown>>;

/**
 * A service's database on a ClickHouse server, over HTTP. If the server is unavailable, operations reject with a
 * `StoreAwayError` within 2 s; for other failures they reject with the server's own error.
 */
export class ClickHouseDatabase {
  readonly #monitor: AvailabilityMonitor;
  /** Aborts running requests when the server becomes unavailable, because there are only a few connections. */
  #outage = new AbortController();

  private constructor(
    private readonly client: ClickHouseClient,
    { url, warn = () => undefined }: ClickHouseOptions,
  ) {
    this.#monitor = new AvailabilityMonitor({
      ...{ engine: 'ClickHouse', at: new URL(url).host, log: warn },
      probe: () => this.#select('select 1', {}, AbortSignal.timeout(PROBE_MS)),
      isAway: (error) => !isClickHouseRefusal(error),
    });
    this.#monitor.onAway(() => {
      this.#outage.abort();
      this.#outage = new AbortController();
    });
  }

  /** Waits for the server, and creates what is missing. Rejects with an `EngineUnavailableError`. */
  static async open(options: ClickHouseOptions): Promise<ClickHouseDatabase> {
    const { url, service, tables, waitMs, log } = options;
    const name = databaseName(url, service);
    return awaitEngine({
      ...{ engine: 'ClickHouse', setting: 'CLICKHOUSE_URL', url, waitMs, log, fatalReason },
      connect: async () => {
        await createDatabase(url, name);
        const database = new ClickHouseDatabase(clientFor(url, name), options);
        try {
          for (const table of tables) await database.client.command({ query: table });
          return database;
        } catch (error) {
          await database.close();
          throw error;
        }
      },
    });
  }

  /**
   * Resolves when the rows are on the server's disk. The server may first collect them together with rows of other
   * processes, because ClickHouse is slow at many small inserts.
   */
  async insert(table: string, rows: readonly Row[]): Promise<void> {
    const values = [...rows];
    const gathered = { async_insert: 1, wait_for_async_insert: 1 } as const;
    const insert = { table, values, format: 'JSONEachRow', clickhouse_settings: gathered } as const;
    await this.#monitor.run(() => this.client.insert({ ...insert, abort_signal: this.#outage.signal }));
  }

  /**
   * The text refers to parameters as `{name:Type}`. Counts and sums may be returned as strings, because they can be
   * larger than a number can hold.
   */
  query<R>(text: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<R[]> {
    return this.#monitor.run(() => this.#select<R>(text, parameters, this.#outage.signal));
  }

  /** Resolves when the server has answered; see {@link AvailabilityMonitor.answers}. */
  answers(): Promise<void> {
    return this.#monitor.answers(() => this.query('select 1'));
  }

  close(): Promise<void> {
    this.#monitor.close();
    return this.client.close();
  }

  async #select<R>(
    query: string,
    parameters: Readonly<Record<string, unknown>>,
    abort_signal: AbortSignal,
  ): Promise<R[]> {
    const asked = { query, query_params: { ...parameters }, format: 'JSONEachRow', abort_signal } as const;
    return (await this.client.query(asked)).json<R>();
  }
}

async function createDatabase(url: string, name: string): Promise<void> {
  const client = clientFor(url);
  try {
    await client.command({ query: `create database if not exists ${name}` });
  } finally {
    await client.close();
  }
}

function clientFor(text: string, database?: string): ClickHouseClient {
  const url = new URL(text);
  url.pathname = '/';
  return createClient({
    url,
    ...(database === undefined ? {} : { database }),
    application: 'seam',
    request_timeout: ANSWER_WITHIN_MS,
    // The caller gets the error; the client would also write it to the console.
    log: { level: ClickHouseLogLevel.OFF },
  });
}

function databaseName(url: string, service: string): string {
  const base = decodeURIComponent(new URL(url).pathname.slice(1));
  return `${base === '' ? 'seam' : base}_${service}`.replaceAll(/\W/g, '_');
}

function fatalReason(error: unknown): string | undefined {
  const type = error instanceof ClickHouseError ? error.type : undefined;
  if (type === 'AUTHENTICATION_FAILED' || type === 'REQUIRED_PASSWORD' || type === 'UNKNOWN_USER')
    return 'it refuses the user or the password: correct them';
  if (type === 'ACCESS_DENIED')
    return 'the user may not create a database and tables: grant it CREATE, SELECT and INSERT';
  if (isClickHouseRefusal(error)) return `it refuses: ${(error as Error).message.slice(0, 200)}`;
  const text = error instanceof Error ? error.message : String(error);
  if (/EPROTO|wrong version number|packet length too long/i.test(text))
    return 'it does not use TLS there: use http:// instead of https://';
  return undefined;
}
