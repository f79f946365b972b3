import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';
import { listenersOf } from './listeners.js';

/** In a turn of the event loop that takes longer, a connection may arrive after the loop has checked for one. */
const SHORT_MS = 0.03;
/** A process whose turns are never that short waits at most this long for its shortest one. */
const GIVE_UP_MS = 2_000;
const PAUSE_MS = 1;

/**
 * Closes a server's sockets one after the other, its own last, and keeps its connections. The kernel resets the
 * connections that still wait at a socket that closes, and cannot stop accepting further ones: so every waiting
 * connection is taken first, and a socket is closed right after a turn of the event loop that found none.
 */
export async function closeListeners(server: HttpServer): Promise<void> {
  await closedOnce();
  let taken = 0;
  const count = (): void => void (taken += 1);
  server.on('connection', count);
  const started = performance.now();
  for (const listener of listenersOf(server)) {
    await quietTurn(started, () => taken);
    // Not by the HTTP server's own `close`, which first does other things that take long.
    Server.prototype.close.call(listener);
  }
  server.off('connection', count);
}

/** Resolves right after a short turn that took no connection; at the latest when the process has tried for too long. */
async function quietTurn(started: number, taken: () => number): Promise<void> {
  for (;;) {
    const [before, startedAt] = [taken(), performance.now()];
    await new Promise((ended) => setImmediate(ended));
    const now = performance.now();
    const trying = now - started;
    if (trying > GIVE_UP_MS) return;
    if (taken() > before) continue;
    if (now - startedAt < Math.max(SHORT_MS, trying / GIVE_UP_MS)) return;
    // A process that has just slept is not interrupted at once.
    await new Promise((over) => setTimeout(over, PAUSE_MS));
  }
}

/** The first close of a process takes three times as long as all others. */
const closedOnce = (): Promise<void> =>
  new Promise((resolve) => {
    const server = new Server();
    server.once('error', () => resolve());
    server.listen(0, '127.0.0.1', () => server.close(() => resolve()));
  });
