import { pause } from '@seam/kernel';
import type { ConsulApi, Registration } from './consul-api.js';
import type { RegistryLink } from './registry-link.js';

const CHECK_INTERVAL_MS = 2_000;

/** The registrations of this process: checked regularly, as an agent that restarts without its data has lost them. */
export class Registrations {
  private readonly own = new Map<string, Registration>();
  private checking = false;

  constructor(
    private readonly api: Pick<ConsulApi, 'register' | 'registered' | 'deregister'>,
    private readonly link: RegistryLink,
    private readonly signal: AbortSignal,
    private readonly log: (line: string) => void,
  ) {}

  async add(registrations: readonly Registration[]): Promise<void> {
    await Promise.all(registrations.map((registration) => this.api.register(registration)));
    for (const registration of registrations) this.own.set(registration.id, registration);
    if (this.checking || this.own.size === 0) return;
    this.checking = true;
    void this.checkRegularly();
  }

  /** Removes all registrations; one that cannot be removed ends with its health check. */
  async deregisterAll(): Promise<void> {
    const ids = [...this.own.keys()];
    this.own.clear();
    await Promise.allSettled(ids.map((id) => this.api.deregister(id)));
  }

  private async checkRegularly(): Promise<void> {
    for (;;) {
      // At random times, so that the processes of a host do not all send requests at once.
      await pause(CHECK_INTERVAL_MS * (0.75 + Math.random() / 2), { signal: this.signal, ref: false });
      if (this.signal.aborted) return;
      await this.registerAgain().then(
        () => this.link.up(),
        (error: unknown) => this.link.away(error),
      );
    }
  }

  private async registerAgain(): Promise<void> {
    const known = await this.api.registered();
    const lost = [...this.own.values()].filter(({ id }) => !known.has(id));
    if (lost.length === 0) return;
    await Promise.all(lost.map((registration) => this.api.register(registration)));
    this.log(`Consul had lost the registrations of ${lost.map(({ id }) => id).join(', ')}: registered again`);
  }
}
