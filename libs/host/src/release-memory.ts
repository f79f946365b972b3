import { Session } from 'node:inspector';

/** After the last work of the start, such as the first polls of read models and outboxes. */
const AFTER_MS = 3_000;

/**
 * Releases, once, the memory that only the start needed: loading and linking modules leaves tens of megabytes of
 * garbage that V8 would keep until memory is needed, which is never the case in an idle service. One full collection, by
 * the inspector's protocol (`HeapProfiler.collectGarbage`), which takes about a tenth of a second.
 */
export function releaseMemoryOfStart(): void {
  setTimeout(() => {
    const session = new Session();
    session.connect();
    // Not in the callback itself: V8 holds a lock there that the disconnection needs, and the process would deadlock.
    session.post('HeapProfiler.collectGarbage', () => setImmediate(() => session.disconnect()));
  }, AFTER_MS).unref();
}
