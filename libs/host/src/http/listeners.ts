import { once } from 'node:events';
import { Server } from 'node:net';
import type { Server as HttpServer } from 'node:http';

/**
 * Sockets on a server's port: libuv takes one connection from each in a turn of the event loop, so that many simultaneous
 * connections wait for a few turns only. Only Linux distributes connections over sockets of one process.
 */
const SOCKETS = process.platform === 'linux' ? 32 : 1;

/**
 * Connections that may wait at a socket to be taken; the system's own limit is 4096 on Linux. With Node's 511, some of
 * many simultaneous ones are dropped while the process is busy for a moment, and are retried only 1, 3 or 7 s later: a
 * refusal would be much faster.
 */
const BACKLOG = 4_096;

const further = new WeakMap<HttpServer, readonly Server[]>();

/** Opens the server's sockets on every interface; rejects as `listen` fails. With port 0, the system chooses one. */
export async function openListeners(server: HttpServer, port: number): Promise<number> {
  await open(server, port);
  const { port: chosen } = server.address() as { port: number };
  const others: Server[] = [];
  further.set(server, others);
  while (others.length < SOCKETS - 1) {
    // With the options of Node's HTTP server, which takes over the connection.
    const other = new Server({ allowHalfOpen: true, noDelay: true });
    other.on('connection', (socket) => server.emit('connection', socket));
    await open(other, chosen);
    others.push(other);
  }
  return chosen;
}

/** The sockets of a server, its own last. */
export const listenersOf = (server: HttpServer): Server[] => [...(further.get(server) ?? []), server];

/** Resolves when all of these are closed, and every connection that they took. */
export async function closed(listeners: readonly Server[]): Promise<void> {
  await Promise.all(listeners.map((listener) => once(listener, 'close')));
}

async function open(server: Server, port: number): Promise<void> {
  server.listen({ port, backlog: BACKLOG, reusePort: SOCKETS > 1 });
  await once(server, 'listening');
}
