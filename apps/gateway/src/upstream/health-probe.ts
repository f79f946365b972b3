import { Agent, request } from 'undici';
import type { AskHealth } from './instance-pool.js';

/** Checks the health of instances, on connections of its own, because the connections of the calls may be stuck. */
export class HealthProbe {
  private readonly agent: Agent;

  constructor(private readonly withinMs: number) {
    this.agent = new Agent({ connections: 1, pipelining: 1, connect: { timeout: withinMs } });
  }

  readonly ask: AskHealth = async (url) => {
    const late = new AbortController();
    // If this process itself was blocked, the answer may have arrived already, and is read first.
    const clock = setTimeout(() => setImmediate(() => late.abort()), this.withinMs);
    try {
      const { statusCode, body } = await request(url, { dispatcher: this.agent, signal: late.signal });
      await body.dump();
      return statusCode;
    } catch {
      return undefined;
    } finally {
      clearTimeout(clock);
    }
  };

  close(): Promise<void> {
    return this.agent.destroy();
  }
}
