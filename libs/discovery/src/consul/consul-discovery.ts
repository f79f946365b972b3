import { backoffMs, pause } from '@seam/kernel';
import { Discovery, type Instance, type RegistryStatus } from '../discovery.js';
import { DiscoveryError } from '../errors.js';
import { ConsulApi } from './consul-api.js';
import { CONSUL_BACKOFF } from './consul-backoff.js';
import { reasonOf, RegistryLink } from './registry-link.js';
import { Registrations } from './registrations.js';
import { ServiceWatch } from './service-watch.js';

export interface ConsulOptions {
  readonly url: string;
  /** How long the start waits for Consul, ms. */
  readonly waitMs: number;
  readonly log: (line: string) => void;
}

const NO_INSTANCES: readonly Instance[] = [];
const CLOSE_WITHIN_MS = 2_000;

/**
 * Discovery by Consul, which checks health and deregisters automatically; this process watches, and keeps the last
 * known instances.
 */
export class ConsulDiscovery extends Discovery {
  private readonly stopped = new AbortController();
  private readonly link: RegistryLink;
  private readonly watches = new Map<string, ServiceWatch>();
  private readonly registrations: Registrations;

  /**
   * Resolves once Consul answers. Rejects {@link DiscoveryError} `DISCOVERY.CONSUL_AWAY` if it does not within `waitMs`,
   * `DISCOVERY.CONSUL_REFUSED` if it needs another token.
   */
  static async open(options: ConsulOptions): Promise<ConsulDiscovery> {
    const api = new ConsulApi(options.url);
    try {
      await answering(api, options);
    } catch (error) {
      api.close();
      throw error;
    }
    return new ConsulDiscovery(api, options);
  }

  private constructor(
    private readonly api: ConsulApi,
    private readonly options: ConsulOptions,
  ) {
    super();
    this.link = new RegistryLink(placeOf(options.url), options.log);
    this.registrations = new Registrations(api, this.link, this.stopped.signal, options.log);
  }

  override instances(service: string): readonly Instance[] {
    return this.watches.get(service)?.instances ?? NO_INSTANCES;
  }

  override async watch(services: readonly string[]): Promise<void> {
    const watches = services.map((service) => {
      const watch = this.watches.get(service) ?? new ServiceWatch(service, this.api, this.link, this.stopped.signal);
      this.watches.set(service, watch);
      return watch;
    });
    await Promise.all(watches.map(({ first }) => first));
  }

  override async register(services: readonly string[], url: string): Promise<void> {
    const base = url.replace(/\/+$/, '');
    const host = new URL(base).host.replace(/[^A-Za-z0-9.]+/g, '-');
    const registrations = services.map((service) => ({ id: `${service}-${host}`, service, url: base }));
    try {
      await this.registrations.add(registrations);
    } catch (error) {
      throw isRefusal(error) ? refused(this.options.url, error) : error;
    }
  }

  override status(): RegistryStatus {
    return this.link.status();
  }

  override async close(): Promise<void> {
    if (this.stopped.signal.aborted) return;
    this.stopped.abort();
    await Promise.race([this.registrations.deregisterAll(), pause(CLOSE_WITHIN_MS, { ref: false })]);
    this.api.close();
  }
}

/** The URL without its secrets. */
const placeOf = (url: string): string => `Consul at ${new URL(url).origin}`;

async function answering(api: ConsulApi, { url, waitMs, log }: ConsulOptions): Promise<void> {
  const end = performance.now() + waitMs;
  for (let failures = 1; ; failures += 1) {
    try {
      await api.ready();
      return;
    } catch (error) {
      if (isRefusal(error)) throw refused(url, error);
      if (performance.now() >= end) throw away(url, waitMs, error);
      if (failures === 1)
        log(`${placeOf(url)} does not answer yet (${reasonOf(error)}): waiting up to ${waitMs / 1_000} s`);
      await pause(Math.min(backoffMs(CONSUL_BACKOFF, failures), end - performance.now()));
    }
  }
}

const away = (url: string, waitMs: number, cause: unknown): DiscoveryError =>
  new DiscoveryError(
    'DISCOVERY.CONSUL_AWAY',
    `CONSUL_URL: ${placeOf(url)} did not answer within ${waitMs / 1_000} s (${reasonOf(cause)}). ` +
      'Start it, correct CONSUL_URL, or unset it and name the other services in SEAM_PEERS.',
    { cause },
  );

const refused = (url: string, cause: unknown): DiscoveryError =>
  new DiscoveryError(
    'DISCOVERY.CONSUL_REFUSED',
    `CONSUL_URL: ${placeOf(url)} denies access (${reasonOf(cause)}). ` +
      'The URL needs a token that may register and read services: http://:<token>@host:8500',
    { cause },
  );

const isRefusal = (error: unknown): boolean =>
  [401, 403].includes((error as { statusCode?: number } | undefined)?.statusCode ?? 0);
