import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';
import { listenersOf } from './listeners.js';

/** In a turn of the event loop that takes longer, a connection may arrive after the loop has checked for one. */
const SHORT_MS = 0.03;
/** A process that is never that fast waits at most this long for a turn as short as possible. */
const GIVE_UP_MS = 2_000;
const PAUSE_MS = 1;

/**
 * Closes a server's sockets one after the other, its own last, and leaves its connections alone. The kernel resets what it
 * still holds for a socket that closes, and it has no way to accept no further ones: so every connection that waits is taken
 * first, and a socket is closed right after a turn of the event loop that found none.
 */
export async function closeListeners(server: HttpServer): Promise<void> {
  await closedOnce();
  let taken = 0;
  const count = (): void => void (taken += 1);
  server.on('connection', count);
  const started = performance.now();
  for (const listener of listenersOf(server)) {
    await quietTurn(started, () => taken);
    // Without what an HTTP server does before, which takes long.
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
