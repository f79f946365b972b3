import { Discovery, type Instance, type RegistryStatus } from './discovery.js';

const NO_INSTANCES: readonly Instance[] = [];

/** Instances from a fixed list: all of them count as healthy. */
export class StaticDiscovery extends Discovery {
  private readonly known: ReadonlyMap<string, readonly Instance[]>;

  /** Base URLs by service; empty if nothing was configured. */
  constructor(private readonly peers?: Readonly<Record<string, readonly string[]>>) {
    super();
    this.known = new Map(
      Object.entries(peers ?? {}).map(([service, urls]) => [
        service,
        urls.map((url) => ({ id: `${service}-${new URL(url).host}`, url })),
      ]),
    );
  }

  override instances(service: string): readonly Instance[] {
    return this.known.get(service) ?? NO_INSTANCES;
  }

  override watch(): Promise<void> {
    return Promise.resolve();
  }

  /** Does nothing: a fixed list needs no registration. */
  override register(): Promise<void> {
    return Promise.resolve();
  }

  override status(): RegistryStatus {
    return { kind: this.peers === undefined ? 'none' : 'static', state: 'up' };
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }
}
