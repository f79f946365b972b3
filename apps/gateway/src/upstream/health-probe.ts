import { Agent, request } from 'undici';
import type { AskHealth } from './instance-pool.js';

/** Asks instances how they are, on connections of its own: those of the calls may be the ones that are stuck. */
export class HealthProbe {
  private readonly agent: Agent;

  constructor(private readonly withinMs: number) {
    this.agent = new Agent({ connections: 1, pipelining: 1, connect: { timeout: withinMs } });
  }

  readonly ask: AskHealth = async (url) => {
    const late = new AbortController();
    // Where this process itself stood still, the answer may be here, and is read first.
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
