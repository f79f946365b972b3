import type { mongo } from 'mongoose';

export interface HeartbeatOptions {
  /** How often the client looks after each server, ms. */
  readonly everyMs: number;
  /** How long one look may take, ms. */
  readonly answerMs: number;
  readonly log: (line: string) => void;
}

/**
 * Connects a client anew whose looks at its servers have ceased. The driver's monitor (7.8, where the server does not
 * stream its heartbeats) may wait for ever on a connection that was closed under its question: then it never learns that
 * the server is back, and no operation finds one. The client stays the same, so its collections do, too; what was under
 * way is an outage. Gives back what ends the watch.
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
      // Away still: its looks have begun again, and operations go on asking.
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
