import type { Instance } from '@seam/discovery';
import { LinkedList, type ListEntry } from '@seam/kernel';
import { Pool } from 'undici';
import type { GatewayLimits } from '../limits.js';

/** A call that was sent to an instance and is not answered yet. */
export interface Waiting {
  /** Called if the instance does not answer its health check either. */
  stalled(): void;
}

/** A waiting call, and since when it waits, in ms of `performance.now()`. */
interface Wait {
  readonly call: Waiting;
  since: number;
}

export type WaitEntry = ListEntry<Wait>;

/** Resolves with the status of an instance's health check; with undefined if it does not answer in time. */
export type AskHealth = (url: string) => Promise<number | undefined>;

/** The connections to one instance, kept open between calls. */
export class InstancePool {
  readonly pool: Pool;
  /** Number of calls in progress from this gateway. */
  inFlight = 0;
  private out = false;
  private asking = false;
  /** Oldest first. */
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

  /** Whether it is skipped in load balancing. */
  get skipped(): boolean {
    return this.out;
  }

  /** It refused a connection: other instances are chosen until its health check succeeds. */
  skip(): void {
    this.out = true;
  }

  /** Its health check has succeeded, so it can be chosen again. */
  markAvailable(): void {
    this.out = false;
  }

  waits(call: Waiting): WaitEntry {
    return this.waiting.add({ call, since: performance.now() });
  }

  /** Must be called when the answer begins or the call has failed; further calls have no effect. */
  stopWaiting(entry: WaitEntry): void {
    this.waiting.remove(entry);
  }

  /**
   * Checks the health of an instance that has not answered a call for a while, because a frozen process accepts
   * connections without answering; also that of a skipped instance. If the check fails, the instance is skipped until a
   * check succeeds, and its waiting calls are notified.
   */
  async checkHealth(ask: AskHealth): Promise<void> {
    if (this.asking || !(this.out || this.hasStalledCalls())) return;
    this.asking = true;
    const alive = (await ask(`${this.instance.url}/health/live`)) !== undefined;
    this.asking = false;
    if (alive) {
      this.markAvailable();
      for (const wait of this.waiting.values()) wait.since = performance.now(); // It is slow, not frozen: checked again later.
      return;
    }
    this.skip();
    for (const { call } of this.waiting.values()) call.stalled();
  }

  /** Closes its connections when the calls in progress have ended. */
  close(): void {
    this.pool.close().catch(() => undefined);
  }

  destroy(): Promise<void> {
    return this.pool.destroy();
  }

  private hasStalledCalls(): boolean {
    const { oldest } = this.waiting;
    return oldest !== undefined && performance.now() - oldest.since > this.limits.suspectMs;
  }
}
