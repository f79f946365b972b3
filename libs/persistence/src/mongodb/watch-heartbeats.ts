import type { mongo } from 'mongoose';

export interface HeartbeatOptions {
  /** The client's heartbeat interval for each server, ms. */
  readonly everyMs: number;
  /** Maximum time for one heartbeat, ms. */
  readonly answerMs: number;
  readonly log: (line: string) => void;
}

/**
 * Reconnects a client whose heartbeats have stopped. The driver's monitor (7.8, if the server does not stream its
 * heartbeats) may wait for ever on a connection that was closed during a heartbeat: then it never notices that the
 * server is available again, and every operation fails to find a server. The client object stays the same, so its
 * collections stay usable; operations that were running fail as in an outage. Returns a function that stops the watch,
 * to be called when the client is closed: once it resolves, the watch does not open the client again.
 */
export function watchHeartbeats(
  client: mongo.MongoClient,
  { everyMs, answerMs, log }: HeartbeatOptions,
): () => Promise<void> {
  let lastAt = performance.now();
  let stopped = false;
  let reconnecting: Promise<void> | undefined;
  const seen = (): void => void (lastAt = performance.now());
  for (const event of ['serverHeartbeatStarted', 'serverHeartbeatSucceeded', 'serverHeartbeatFailed'] as const)
    client.on(event, seen);
  const reconnect = async (): Promise<void> => {
    log('the driver has stopped monitoring its servers; reconnecting');
    try {
      await client.close();
      if (!stopped) await client.connect();
    } catch {
      // The server is still unavailable. The heartbeats have started again, and operations continue to try.
    }
    // A client that was closed while it connected would stay open otherwise.
    if (stopped) await client.close().catch(() => undefined);
    seen();
    reconnecting = undefined;
  };
  const timer = setInterval(() => {
    if (performance.now() - lastAt > everyMs + 2 * answerMs) reconnecting ??= reconnect();
  }, 1_000);
  timer.unref();
  return async () => {
    stopped = true;
    clearInterval(timer);
    await reconnecting;
  };
}
