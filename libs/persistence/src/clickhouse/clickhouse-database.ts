import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { awaitEngine } from '../await-engine.js';
import { clickHouseAnswer, isClickHouseRefusal } from './clickhouse-error.js';

export interface ClickHouseOptions {
  readonly url: string;
  /** Its database: `<path of the URL, or seam>_<service>`. */
  readonly service: string;
  /** Each `create table if not exists …`: run at every start, by any number of processes at once. */
  readonly tables: readonly string[];
  /** How long to wait for a server that is away, ms. */
  readonly waitMs: number;
  readonly log: (line: string) => void;
}

const ANSWER_WITHIN_MS = 15_000;

type Row = Readonly<Record<string, unknown>>;

/** A service's database on a ClickHouse server, over HTTP. Rejections: see {@link clickHouseAnswer}. */
export class ClickHouseDatabase {
  private constructor(private readonly client: ClickHouseClient) {}

  /** Waits for the server, and makes what is missing. Rejects with an `EngineUnavailableError`. */
  static async open({ url, service, tables, waitMs, log }: ClickHouseOptions): Promise<ClickHouseDatabase> {
    const name = databaseName(url, service);
    return awaitEngine({
      ...{ engine: 'ClickHouse', setting: 'CLICKHOUSE_URL', url, waitMs, log, hopeless },
      connect: async () => {
        await createDatabase(url, name);
        const database = new ClickHouseDatabase(clientFor(url, name));
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
    await clickHouseAnswer(this.client.insert({ table, values, format: 'JSONEachRow', clickhouse_settings: gathered }));
  }

  /** Parameters stand in the text as `{name:Type}`. Counts and sums may come as strings: their sizes fit no number. */
  async query<R>(text: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<R[]> {
    const asked = this.client.query({ query: text, query_params: { ...parameters }, format: 'JSONEachRow' });
    return clickHouseAnswer(asked.then((answer) => answer.json<R>()));
  }

  close(): Promise<void> {
    return this.client.close();
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

function hopeless(error: unknown): string | undefined {
  const type = error instanceof ClickHouseError ? error.type : undefined;
  if (type === 'AUTHENTICATION_FAILED' || type === 'REQUIRED_PASSWORD' || type === 'UNKNOWN_USER')
    return 'it refuses the user or the password: correct them';
  if (type === 'ACCESS_DENIED')
    return 'the user may not create a database and tables: grant it CREATE, SELECT and INSERT';
  if (isClickHouseRefusal(error)) return `it refuses: ${(error as Error).message.slice(0, 200)}`;
  const text = error instanceof Error ? error.message : String(error);
  if (/EPROTO|wrong version number|packet length too long/i.test(text))
    return 'it does not speak TLS there: use http:// instead of https://';
  return undefined;
}
