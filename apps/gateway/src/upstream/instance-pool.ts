import type { Instance } from '@seam/discovery';
import { LinkedList, type ListEntry } from '@seam/kernel';
import { Pool } from 'undici';
import type { GatewayLimits } from '../limits.js';

/** A call that an instance has got and not answered yet. */
export interface Waiting {
  /** The instance does not even say that it lives. */
  stalled(): void;
}

/** A call that waits, and since when, in ms of `performance.now()`. */
interface Wait {
  readonly call: Waiting;
  since: number;
}

export type WaitEntry = ListEntry<Wait>;

/** Resolves to the status that an instance answers a look at its health with, undefined where it does not in time. */
export type AskHealth = (url: string) => Promise<number | undefined>;

/** The connections to one instance, kept open between calls. */
export class InstancePool {
  readonly pool: Pool;
  /** Calls it has under way from here. */
  inFlight = 0;
  private out = false;
  private asking = false;
  /** The oldest first. */
  private readonly waiting = new LinkedList<Wait>();

  constructor(
    readonly instance: Instance,
    private readonly limits: GatewayLimits,
  ) {
    this.pool = new Pool(instance.url, {
      pipelining: 1,
      connect: { timeout: limits.connectMs },
      headersTimeout: limits.headersMs,
      bodyTimeout: limits.idleMs,
    });
  }

  /** It is out of the balance. */
  get skipped(): boolean {
    return this.out;
  }

  /** It took no connection: others are asked until it says that it lives. */
  skip(): void {
    this.out = true;
  }

  /** It takes calls again: it has just said so. */
  welcome(): void {
    this.out = false;
  }

  waits(call: Waiting): WaitEntry {
    return this.waiting.add({ call, since: performance.now() });
  }

  /** To be called once its answer begins or it has failed; again does nothing. */
  waitsNoMore(entry: WaitEntry): void {
    this.waiting.remove(entry);
  }

  /**
   * Asks an instance that leaves a call waiting whether it lives, as a process that is frozen or cut off takes
   * connections and says nothing; and one that is out of the balance. One that does not say so is out until it does, and
   * its calls are told.
   */
  async lookAfter(ask: AskHealth): Promise<void> {
    if (this.asking || !(this.out || this.leavesWaiting())) return;
    this.asking = true;
    const lives = (await ask(`${this.instance.url}/health/live`)) !== undefined;
    this.asking = false;
    if (lives) {
      this.welcome();
      for (const wait of this.waiting.values()) wait.since = performance.now(); // Slow, not frozen: asked again later.
      return;
    }
    this.skip();
    for (const { call } of this.waiting.values()) call.stalled();
  }

  /** Ends its connections once the calls under way have ended. */
  close(): void {
    this.pool.close().catch(() => undefined);
  }

  destroy(): Promise<void> {
    return this.pool.destroy();
  }

  private leavesWaiting(): boolean {
    const { oldest } = this.waiting;
    return oldest !== undefined && performance.now() - oldest.since > this.limits.suspectMs;
  }
}
