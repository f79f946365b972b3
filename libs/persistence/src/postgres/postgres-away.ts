import pg from 'pg';

/**
 * Error codes of a server that is starting or shutting down, was demoted, is full, has no free connections or memory,
 * or cancelled a statement that took too long: a retry may succeed later. They are matched by code, because the
 * severity is in the server's language. (https://www.postgresql.org/docs/current/errcodes-appendix.html: 08 connection
 * except 08P01, an invalid request; 25006 read-only; 25P03 and 25P04 idle and long transactions; 53 resources; 55P03 a
 * lock not obtained in time; 57014 statement timeout; 57P0x shutdown and start; 58 system)
 */
const AWAY = /^(08[^P]..|25006|25P0[34]|53...|55P03|57014|57P0.|58...)$/;

/** Messages of pg itself about a connection that is lost, closed or unavailable, and the codes of socket errors. */
const OF_PG =
  /^(connection terminated|timeout e|client (was closed|has encountered)|query read timeout|cannot use a pool|the server does not support ssl)/i;
const OF_A_SOCKET = /^(E(?!RR_)[A-Z_]+|ERR_(STREAM|SOCKET)_\w+)$/;

/** Whether an error of a connection to PostgreSQL says that the server is unavailable, or cannot work at the moment. */
export function isPostgresAway(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return endsConnection(error) || AWAY.test(error.code ?? '');
  // Not checked by class: in a test, a socket's error may come from another JavaScript context with other classes.
  const { message, code } = Object(error) as { message?: unknown; code?: unknown };
  return typeof message === 'string' && (OF_PG.test(message) || (typeof code === 'string' && OF_A_SOCKET.test(code)));
}

/** An error that also ends its connection: a refused login, or a shutdown that ends all connections. */
const endsConnection = ({ severity, code }: pg.DatabaseError): boolean =>
  severity === 'FATAL' || severity === 'PANIC' || /^57P0/.test(code ?? '');

/**
 * Checks whether the server of this URL responds, on a connection of its own. A refusal counts as a response while the
 * server is running.
 */
export async function probePostgres(url: string, withinMs: number): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'seam-probe',
    connectionTimeoutMillis: withinMs,
    query_timeout: withinMs,
  });
  client.on('error', () => undefined); // A broken connection rejects its query; without this listener the event would end the process.
  try {
    await client.connect();
    await client.query('select 1');
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || /^57P0/.test(error.code ?? '')) throw error;
  } finally {
    client.end().catch(() => undefined);
  }
}
