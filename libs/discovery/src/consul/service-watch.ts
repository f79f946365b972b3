import { backoffMs, pause } from '@seam/kernel';
import type { Instance } from '../discovery.js';
import { CONSUL_BACKOFF } from './consul-backoff.js';
import type { ConsulApi, Lookup } from './consul-api.js';
import type { RegistryLink } from './registry-link.js';

/**
 * How long instances that are missing in the registry after an outage are kept: it may have lost its data, and running
 * instances register again within seconds.
 */
const FORGOTTEN_FOR_MS = 10_000;

const NO_INSTANCES: readonly Instance[] = [];

/** Follows one service's healthy instances by blocking queries, until it is stopped. */
export class ServiceWatch {
  instances: readonly Instance[] = NO_INSTANCES;
  /** Resolves after the first answer, or the stop. */
  readonly first: Promise<void>;
  private resolveFirst!: () => void;
  private forgetAt: number | undefined;

  constructor(
    private readonly service: string,
    private readonly api: Pick<ConsulApi, 'passing'>,
    private readonly link: RegistryLink,
    private readonly signal: AbortSignal,
    private readonly now: () => number = Date.now,
  ) {
    this.first = new Promise((resolve) => (this.resolveFirst = resolve));
    void this.follow();
  }

  private async follow(): Promise<void> {
    let index = 0n;
    const stopped = (): boolean => this.signal.aborted;
    for (let failures = 0; !this.signal.aborted;) {
      try {
        const answer = await this.api.passing(this.service, index, this.signal);
        this.link.up();
        this.take(answer, failures > 0 || answer.index < index);
        failures = 0;
        index = answer.index < index ? 0n : answer.index;
        // While instances are only kept, or if Consul gave no index to wait from, the next query must not wait.
        if (this.forgetAt !== undefined || index === 0n) await this.pause(500);
        if (this.forgetAt !== undefined) index = 0n;
      } catch (error) {
        if (stopped()) break;
        this.link.away(error);
        failures += 1;
        index = 0n;
        await this.pause(backoffMs(CONSUL_BACKOFF, failures));
      }
    }
    this.resolveFirst();
  }

  private pause(ms: number): Promise<void> {
    return pause(ms, { signal: this.signal, ref: false });
  }

  private take({ instances }: Lookup, afterAway: boolean): void {
    if (afterAway) this.forgetAt = this.now() + FORGOTTEN_FOR_MS;
    const named = new Set(instances.map(({ id }) => id));
    const missing = this.instances.filter(({ id }) => !named.has(id));
    const kept = this.forgetAt !== undefined && this.now() < this.forgetAt ? missing : NO_INSTANCES;
    if (kept.length === 0) this.forgetAt = undefined;
    const next = [...instances, ...kept].sort((a, b) => (a.id < b.id ? -1 : 1));
    if (!sameInstances(next, this.instances)) this.instances = next;
    this.resolveFirst();
  }
}

const sameInstances = (a: readonly Instance[], b: readonly Instance[]): boolean =>
  a.length === b.length && a.every(({ id, url }, at) => id === b[at]?.id && url === b[at].url);
