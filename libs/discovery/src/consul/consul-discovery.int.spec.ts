import { canStart, engine, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { createServer, type Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import type { AddressInfo } from 'node:net';
import type { Discovery } from '../discovery.js';
import { discoverySuite } from '../discovery.suite.js';
import { openDiscovery } from '../open-discovery.js';

const shared = engine('consul');

/** The address by which a container reaches this machine. */
const address = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

const urlFor = (port: number): string => `http://${address}:${port}`;
const ids = (discovery: Discovery, service: string): string[] => discovery.instances(service).map(({ id }) => id);

(shared ? describe : describe.skip)('by Consul', () => {
  const open = (): Promise<Discovery> =>
    openDiscovery({ consulUrl: shared!.url, waitMs: 10_000, log: () => undefined });

  discoverySuite({ announces: true, urlFor, open });

  it('removes an instance that deregisters', async () => {
    const [looking, offering] = [await open(), await open()];
    await offering.register(['leaving'], urlFor(1));
    await looking.watch(['leaving']);
    expect(ids(looking, 'leaving')).toHaveLength(1);
    await offering.close();
    await eventually(() => expect(ids(looking, 'leaving')).toEqual([]));
    await looking.close();
  });

  it('removes an instance whose health check does not answer, and finds it again later', async () => {
    const server = createServer((_, response) => response.writeHead(ready ? 200 : 503).end());
    let ready = true;
    await new Promise<void>((resolve) => void server.listen(0, resolve));
    const [looking, offering] = [await open(), await open()];
    await offering.register(['ailing'], urlFor((server.address() as AddressInfo).port));
    await looking.watch(['ailing']);
    expect(ids(looking, 'ailing')).toHaveLength(1);
    ready = false;
    await eventually(() => expect(ids(looking, 'ailing')).toEqual([]));
    ready = true;
    await eventually(() => expect(ids(looking, 'ailing')).toHaveLength(1));
    await Promise.all([looking.close(), offering.close()]);
    await ended(server);
  });
});

(canStart('consul') ? describe : describe.skip)('while Consul is away', () => {
  let consul: OwnEngine;
  let server: Server;
  let url: string;
  let looking: Discovery;
  let offering: Discovery;
  const lines: string[] = [];

  beforeAll(async () => {
    consul = await ownEngine('consul');
    server = createServer((_, response) => response.end('{}'));
    await new Promise<void>((resolve) => void server.listen(0, resolve));
    url = urlFor((server.address() as AddressInfo).port);
    const options = { consulUrl: consul.url, waitMs: 10_000, log: (line: string) => lines.push(line) };
    [looking, offering] = [await openDiscovery(options), await openDiscovery(options)];
    await offering.register(['staying', 'other'], url);
    await looking.watch(['staying', 'other']);
  });

  afterAll(async () => {
    await Promise.all([looking.close(), offering.close()]);
    await ended(server);
    await consul.remove();
  });

  it('keeps the known instances, and reports that', async () => {
    await eventually(() => expect(ids(looking, 'staying')).toHaveLength(1));
    await consul.kill();
    await eventually(() => expect(looking.status()).toMatchObject({ kind: 'consul', state: 'away' }));
    expect(ids(looking, 'staying')).toHaveLength(1);
    expect(lines.filter((line) => line.includes('does not answer')).length).toBeLessThanOrEqual(2);
  });

  it('registers again with a registry that has lost its data, and keeps all instances meanwhile', async () => {
    let least = 1;
    const watching = setInterval(() => (least = Math.min(least, ids(looking, 'staying').length)), 5);
    await consul.start();
    await eventually(() => expect(looking.status().state).toBe('up'), { withinMs: 20_000 });
    await eventually(() => expect(lines).toContainEqual(expect.stringMatching(/registered again/)), {
      withinMs: 20_000,
    });
    const late = await openDiscovery({ consulUrl: consul.url, waitMs: 10_000, log: () => undefined });
    await late.watch(['staying', 'other']);
    await eventually(() =>
      expect([ids(late, 'staying'), ids(late, 'other')]).toMatchObject([[/./], [/./]].map(() => [expect.any(String)])),
    );
    clearInterval(watching);
    expect(least).toBe(1);
    await late.close();
  });
});

const ended = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
