import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/**
 * A service's database cannot be reached or created. The message names the database and never contains the password.
 */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
  readonly code = 'PERSISTENCE.DATABASE_UNAVAILABLE';
}

/**
 * The server is starting, has no free connections, or is copying the template for another process: a retry may succeed.
 */
const PASSING = new Set(['ECONNREFUSED', 'ECONNRESET', 'EAI_AGAIN', 'ENOTFOUND', '57P03', '53300', '55006']);
const MISSING_DATABASE = '3D000';
/** Another process created it at the same moment: reported for the name, or only by the catalogue's unique index. */
const CREATED_BY_ANOTHER = new Set(['42P04', '23505']);

/**
 * Waits until the server accepts connections, up to `waitMs`, and creates the database of the URL if it is missing.
 * Any number of processes may do so at once. Throws `DatabaseUnavailableError`.
 */
export async function ensureDatabase(
  name: string,
  url: string,
  waitMs: number,
  log: (line: string) => void = () => undefined,
): Promise<void> {
  if (!URL.canParse(url)) {
    throw new DatabaseUnavailableError(
      `The database URL of the service ${name} is invalid: expected postgresql://user:password@host:port/database.`,
    );
  }
  const end = performance.now() + waitMs;
  for (let logged = false; ; logged = true) {
    try {
      await connectOrCreate(url);
      return;
    } catch (error) {
      const passing = PASSING.has(codeOf(error));
      if (!passing || performance.now() > end) throw unavailable(name, url, error);
      if (!logged) log(`waiting for PostgreSQL at ${new URL(url).host} (${codeOf(error)})`);
      await delay(100);
    }
  }
}

async function connectOrCreate(url: string): Promise<void> {
  try {
    await withClient(url, () => Promise.resolve());
  } catch (error) {
    if (codeOf(error) !== MISSING_DATABASE) throw error;
    const maintenance = new URL(url);
    maintenance.pathname = '/postgres';
    await withClient(maintenance.href, (client) => create(client, databaseOf(url)));
  }
}

async function create(client: pg.Client, database: string): Promise<void> {
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  } catch (error) {
    if (!CREATED_BY_ANOTHER.has(codeOf(error))) throw error;
  }
}

/** Runs `work` on a connection of its own, and closes it. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // A broken connection rejects its query; without this listener the event would end the process.
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

/** An error that says which database on which server has the problem, and what to do; without the password. */
export function unavailable(name: string, url: string, cause: unknown): DatabaseUnavailableError {
  const { username, host } = new URL(url);
  const why = cause instanceof AggregateError ? codeOf(cause) : cause instanceof Error ? cause.message : String(cause);
  return new DatabaseUnavailableError(
    `The database "${databaseOf(url)}" of the service ${name} (${username}@${host}) cannot be used: ${why}. ` +
      'Check that the server runs and that the URL, user and password are right; unset it to use the embedded PostgreSQL.',
    { cause },
  );
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}
