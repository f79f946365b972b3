import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { awaitEngine } from '../await-engine.js';
import { Pulse } from '../pulse.js';
import { isClickHouseRefusal } from './clickhouse-error.js';

export interface ClickHouseOptions {
  readonly url: string;
  /** Its database: `<path of the URL, or seam>_<service>`. */
  readonly service: string;
  /** Each `create table if not exists …`: run at every start, by any number of processes at once. */
  readonly tables: readonly string[];
  /** How long to wait for a server that is away, ms. */
  readonly waitMs: number;
  readonly log: (line: string) => void;
  /** Told when the server goes away, and when it is back. */
  readonly warn?: (line: string) => void;
}

const ANSWER_WITHIN_MS = 15_000;
const PROBE_MS = 1_200;

type Row = Readonly<Record<string, unknown>>;

/**
 * A service's database on a ClickHouse server, over HTTP. Whatever fails because the server is away rejects with a
 * `StoreAwayError`, within 2 s; what else it refuses, as the server says it.
 */
export class ClickHouseDatabase {
  readonly #pulse: Pulse;
  /** Ends what is under way when the server goes away: its connections are few. */
  #outage = new AbortController();

  private constructor(
    private readonly client: ClickHouseClient,
    { url, warn = () => undefined }: ClickHouseOptions,
  ) {
    this.#pulse = new Pulse({
      ...{ engine: 'ClickHouse', at: new URL(url).host, log: warn },
      probe: () => this.#select('select 1', {}, AbortSignal.timeout(PROBE_MS)),
      isAway: (error) => !isClickHouseRefusal(error),
    });
    this.#pulse.onAway(() => {
      this.#outage.abort();
      this.#outage = new AbortController();
    });
  }

  /** Waits for the server, and makes what is missing. Rejects with an `EngineUnavailableError`. */
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
   * Resolves when the rows are on the server's disk. The server may gather them with those of other processes first:
   * many small inserts are what ClickHouse is slow at.
   */
  async insert(table: string, rows: readonly Row[]): Promise<void> {
    const values = [...rows];
    const gathered = { async_insert: 1, wait_for_async_insert: 1 } as const;
    const insert = { table, values, format: 'JSONEachRow', clickhouse_settings: gathered } as const;
    await this.#pulse.run(() => this.client.insert({ ...insert, abort_signal: this.#outage.signal }));
  }

  /** Parameters stand in the text as `{name:Type}`. Counts and sums may come as strings: their sizes fit no number. */
  query<R>(text: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<R[]> {
    return this.#pulse.run(() => this.#select<R>(text, parameters, this.#outage.signal));
  }

  /** Resolves when the server is seen to answer; see {@link Pulse.answers}. */
  answers(): Promise<void> {
    return this.#pulse.answers(() => this.query('select 1'));
  }

  close(): Promise<void> {
    this.#pulse.close();
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
    // Whoever asks is told; the client would tell it on the console as well.
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
