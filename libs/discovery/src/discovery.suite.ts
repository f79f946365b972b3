import { eventually } from '@seam/testing';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Discovery } from './discovery.js';

/** Sets up a registry for the suite. */
export interface DiscoveryRig {
  /** Whether one process finds what another registers, or the list has to name it. */
  readonly announces: boolean;
  /** A discovery that knows, or will know, these instances. */
  open(known: Readonly<Record<string, readonly string[]>>): Promise<Discovery>;
  /** The URL by which the registry reaches a server of this test. */
  urlFor(port: number): string;
}

/** The guarantees of every adapter of discovery. */
export function discoverySuite(rig: DiscoveryRig): void {
  let server: Server;
  let url: string;
  const opened: Discovery[] = [];

  beforeAll(async () => {
    server = createServer((_, response) => response.end('{}'));
    await new Promise<void>((resolve) => void server.listen(0, resolve));
    url = rig.urlFor((server.address() as AddressInfo).port);
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((discovery) => discovery.close()));
  });

  afterAll(async () => {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });

  const open = async (known: Readonly<Record<string, readonly string[]>> = {}): Promise<Discovery> => {
    const discovery = await rig.open(known);
    opened.push(discovery);
    return discovery;
  };

  /** A process that watches a service which two others offer. */
  async function seeker(service: string): Promise<Discovery> {
    const looking = await open({ [service]: [url] });
    if (rig.announces) await (await open()).register([service], `${url}/`);
    await looking.watch([service]);
    return looking;
  }

  it('has no instances of a service that no process offers, without waiting for one', async () => {
    const discovery = await open();
    await discovery.watch(['suite-nobody']);
    expect(discovery.instances('suite-nobody')).toEqual([]);
    expect(discovery.instances('suite-not-watched')).toEqual([]);
  });

  it('gives the URL of an instance without a trailing slash', async () => {
    const discovery = await seeker('suite-one');
    await eventually(() => expect(discovery.instances('suite-one').map((one) => one.url)).toEqual([url]));
    const [instance] = discovery.instances('suite-one');
    expect(instance!.id).toMatch(/^suite-one-/);
  });

  it('returns the same array until something changes', async () => {
    const discovery = await seeker('suite-same');
    await eventually(() => expect(discovery.instances('suite-same')).toHaveLength(1));
    const first = discovery.instances('suite-same');
    await discovery.watch(['suite-same']);
    expect(discovery.instances('suite-same')).toBe(first);
  });

  it('reports its state, and may be closed twice', async () => {
    const discovery = await open();
    expect(discovery.status()).toMatchObject({ state: 'up' });
    await discovery.close();
    await discovery.close();
  });
}
