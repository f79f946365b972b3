import pg from 'pg';

/**
 * What a server says that is on its way up or down, was demoted, is full, has no connection or memory left, or gave up
 * on a statement that took too long: it may do the same later. By code, as the severity is in the server's language.
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html: 08 connection but for 08P01, a question that is none, 25006 read-only, 25P03 and 25P04 idle
 * and long transactions, 53 resources, 55P03 a lock that was not to be had in time, 57014 statement timeout,
 * 57P0x shutdown and start, 58 the system)
 */
const AWAY = /^(08[^P]..|25006|25P0[34]|53...|55P03|57014|57P0.|58...)$/;

/** What pg says itself of a connection that is gone, closed or not to be had; and the codes of a socket's errors. */
const OF_PG =
  /^(connection terminated|timeout e|client (was closed|has encountered)|query read timeout|cannot use a pool|the server does not support ssl)/i;
const OF_A_SOCKET = /^(E(?!RR_)[A-Z_]+|ERR_(STREAM|SOCKET)_\w+)$/;

/** Whether an error of a connection to PostgreSQL says that the server is away, or cannot do its work now. */
export function isPostgresAway(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return endsConnection(error) || AWAY.test(error.code ?? '');
  // Not by its class: a socket's error may come from outside the context that a test runs in.
  const { message, code } = Object(error) as { message?: unknown; code?: unknown };
  return typeof message === 'string' && (OF_PG.test(message) || (typeof code === 'string' && OF_A_SOCKET.test(code)));
}

/** A refusal that ends its connection: of a log-in, or of everybody. */
const endsConnection = ({ severity, code }: pg.DatabaseError): boolean =>
  severity === 'FATAL' || severity === 'PANIC' || /^57P0/.test(code ?? '');

/** Asks the server of this URL for a sign of life, on a connection of its own. A refusal is one, while it is up. */
export async function probePostgres(url: string, withinMs: number): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'seam-probe',
    connectionTimeoutMillis: withinMs,
    query_timeout: withinMs,
  });
  client.on('error', () => undefined); // A broken connection rejects its query; the event would end the process.
  try {
    await client.connect();
    await client.query('select 1');
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || /^57P0/.test(error.code ?? '')) throw error;
  } finally {
    client.end().catch(() => undefined);
  }
}
