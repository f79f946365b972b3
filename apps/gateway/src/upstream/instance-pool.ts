import type { Instance } from '@seam/discovery';
import { Pool } from 'undici';
import type { GatewayLimits } from '../limits.js';

/** The connections to one instance, kept open between calls. */
export class InstancePool {
  readonly pool: Pool;
  /** Calls it has under way from here. */
  inFlight = 0;
  private skippedUntil = 0;

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

  get skipped(): boolean {
    return this.skippedUntil !== 0 && performance.now() < this.skippedUntil;
  }

  /** It took no connection: others are asked for a moment. */
  skip(): void {
    this.skippedUntil = performance.now() + this.limits.skipMs;
  }

  /** Ends its connections once the calls under way have ended. */
  close(): void {
    this.pool.close().catch(() => undefined);
  }

  destroy(): Promise<void> {
    return this.pool.destroy();
  }
}
