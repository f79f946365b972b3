import { loadOptional } from '@seam/kernel';
import type { Discovery } from './discovery.js';
import { DiscoveryError } from './errors.js';
import { StaticDiscovery } from './static-discovery.js';

export interface DiscoveryOptions {
  /** Base URLs by service, as {@link parsePeers} reads them. */
  readonly peers?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly consulUrl?: string | undefined;
  /** How long to wait for a registry that does not answer, ms. */
  readonly waitMs: number;
  readonly log: (line: string) => void;
}

/** Discovery as configured: by Consul, by a list, or neither, and then without instances. Rejects {@link DiscoveryError}. */
export async function openDiscovery({ peers, consulUrl, waitMs, log }: DiscoveryOptions): Promise<Discovery> {
  if (consulUrl === undefined) return new StaticDiscovery(peers);
  if (peers !== undefined) {
    throw new DiscoveryError(
      'DISCOVERY.TWO_REGISTRIES',
      'SEAM_PEERS and CONSUL_URL both say where the services are: unset one of them.',
    );
  }
  const load = () => import('./consul/consul-discovery.js');
  const { ConsulDiscovery } = await loadOptional('CONSUL_URL', 'DISCOVERY', load);
  return ConsulDiscovery.open({ url: consulUrl, waitMs, log });
}
