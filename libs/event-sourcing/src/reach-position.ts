import { setTimeout as sleep } from 'node:timers/promises';
import type { ProjectorLoop } from './projector-loop.js';
import { ReadModelBehindError, type StreamPosition, UnknownPositionError } from './stream-position.js';

const WITHIN_MS = 2_000;
/** Pause between checks, ms: doubled from the first to the longest. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;
/** Maximum number of queries that wait at the same time: each of them queries the store repeatedly. */
const WAITING_AT_ONCE = 64;

/** Lets queries wait until a read model has the effect of a command, whichever process updates it. */
export class PositionWaits {
  #waiting = 0;

  constructor(private readonly projectors: readonly ProjectorLoop[]) {}

  /**
   * Resolves when the read model of a category has this position. Rejects with `READ_MODEL.BEHIND` if it has not within
   * the time, or at once if too many queries wait; with `POSITION.UNKNOWN` if there is no such event.
   */
  async reach(category: string, position: StreamPosition, withinMs = WITHIN_MS): Promise<void> {
    const projector = this.projectors.find((one) => one.category === category);
    if (projector === undefined || !position.stream.startsWith(`${category}-`)) throw new UnknownPositionError();
    const until = performance.now() + withinMs;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const has = await projector.has(position);
      if (has === undefined) throw new UnknownPositionError();
      if (has) return;
      if (performance.now() + pause > until || this.#waiting >= WAITING_AT_ONCE)
        throw new ReadModelBehindError(projector.name);
      projector.wakeUrgently();
      this.#waiting += 1;
      await sleep(pause).finally(() => (this.#waiting -= 1));
    }
  }
}
