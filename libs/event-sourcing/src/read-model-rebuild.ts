import { Logger } from '@nestjs/common';
import { Recurring } from '@seam/kernel';
import { outageIn } from '@seam/persistence';
import type { ProjectorLoop } from './projector-loop.js';
import { type RebuildProgress, RebuildRunningError, type Rebuilds } from './rebuilds.js';
import {
  build,
  NewerVersionError,
  RebuildCancelledError,
  RebuildInterruptedError,
  type ShadowProgress,
} from './shadow-read-model.js';

const CONTINUE_EVERY_MS = 5_000;

/**
 * Rebuilds a service's read models, one after the other, each beside the one that is read. What was started is stored,
 * and is continued after a crash or a lost connection, by the process that first finds that no process works on it.
 */
export class ReadModelRebuild {
  readonly #log = new Logger('Rebuild');
  readonly #failing = new Recurring(this.#log, { what: 'attempts failed', remindMs: 60_000 });
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly projectors: readonly ProjectorLoop[],
    private readonly rebuilds: Rebuilds,
    private readonly continueEveryMs = CONTINUE_EVERY_MS,
  ) {}

  /** From now on continues interrupted rebuilds, and begins those of read models that have a new version. */
  start(inMs = 0): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#continue().then(() => {
        if (!this.#stopping.signal.aborted) this.start(this.continueEveryMs);
      });
    }, inMs);
  }

  /** Ends after the current chunk. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#running.catch(() => undefined);
    this.#failing.end();
  }

  /**
   * Rebuilds every read model, or continues an interrupted rebuild; resolves with the number of events read. Rejects with
   * `READ_MODELS.REBUILD_RUNNING` if a rebuild is running in any process.
   */
  run(): Promise<number> {
    const running = this.rebuilds.run(async (report) => {
      const pending = await this.#pending();
      const projectors = pending.length > 0 ? pending : this.projectors;
      // All are started first: a crash then interrupts the rebuild of all of them.
      for (const projector of projectors) await projector.shadow.begin();
      let total = 0;
      for (const { name, shadow } of projectors) {
        const before = total;
        const progress = (events: number): void => report(name, before + events);
        total += await build(name, shadow, { progress, signal: this.#stopping.signal });
      }
      return total;
    });
    this.#running = running.catch(() => undefined);
    return running;
  }

  /** The progress of a rebuild that is running, or was interrupted and will be continued. */
  async progress(): Promise<RebuildProgress | undefined> {
    const running = await this.rebuilds.running();
    const left: (ShadowProgress & { readonly readModel: string })[] = [];
    for (const { name, shadow } of this.projectors) {
      const progress = await shadow.progress();
      if (progress !== undefined) left.push({ readModel: name, ...progress });
    }
    return left.length === 0 ? running : progressOf(running, left);
  }

  /** Cancels a rebuild that is running in any process, or was interrupted; resolves with false if there is none. */
  async cancel(): Promise<boolean> {
    let found = false;
    for (const { shadow } of this.projectors) found = (await shadow.discard()) || found;
    return found;
  }

  async #pending(): Promise<readonly ProjectorLoop[]> {
    const pending: ProjectorLoop[] = [];
    for (const projector of this.projectors) if (await projector.shadow.due()) pending.push(projector);
    return pending;
  }

  async #continue(): Promise<void> {
    try {
      if ((await this.#pending()).length === 0) return;
      if ((await this.rebuilds.running()) !== undefined) return;
      this.#log.log(`rebuilt read models that were not complete, or have a new version: ${await this.run()} events`);
    } catch (error) {
      const expected = [NewerVersionError, RebuildRunningError, RebuildCancelledError, RebuildInterruptedError];
      if (outageIn(error) !== undefined || expected.some((one) => error instanceof one)) return;
      this.#failing.happened(`a rebuild failed, trying again: ${String(error)}`);
    }
  }
}

/** Of a rebuild of which these read models are left; the first is the one in progress. */
function progressOf(
  running: RebuildProgress | undefined,
  left: readonly (ShadowProgress & { readonly readModel: string })[],
): RebuildProgress {
  const [first] = left;
  const { since = new Date(), readModel = '', events: built = 0 } = first ?? {};
  const events = Math.max(running?.events ?? 0, built);
  if (left.some(({ total }) => total === undefined)) return { since, readModel, events };
  const toCome = left.reduce((sum, { total = 0, events: done }) => sum + Math.max(0, total - done), 0);
  const seconds = (Date.now() - since.getTime()) / 1_000;
  const remaining = events === 0 ? {} : { remainingSeconds: Math.ceil((toCome / events) * seconds) };
  return { since, readModel, events, total: events + toCome, ...remaining };
}
