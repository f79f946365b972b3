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
 * collections stay usable; operations that were running fail as in an outage. Returns a function that stops the watch.
 */
export function watchHeartbeats(client: mongo.MongoClient, { everyMs, answerMs, log }: HeartbeatOptions): () => void {
  let lastAt = performance.now();
  let busy = false;
  const seen = (): void => void (lastAt = performance.now());
  for (const event of ['serverHeartbeatStarted', 'serverHeartbeatSucceeded', 'serverHeartbeatFailed'] as const)
    client.on(event, seen);
  const reconnect = async (): Promise<void> => {
    busy = true;
    log('the driver has stopped monitoring its servers; reconnecting');
    try {
      await client.close();
      await client.connect();
    } catch {
      // The server is still unavailable. The heartbeats have started again, and operations continue to try.
    }
    seen();
    busy = false;
  };
  const timer = setInterval(() => {
    if (!busy && performance.now() - lastAt > everyMs + 2 * answerMs) void reconnect();
  }, 1_000);
  timer.unref();
  return () => clearInterval(timer);
}
