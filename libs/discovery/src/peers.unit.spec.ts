import { openDiscovery } from './open-discovery.js';
import { parsePeers } from './peers.js';

it('reads services with one URL or several', () => {
  expect(parsePeers('users=http://host:3001, orders=http://a:1/|https://b')).toEqual({
    users: ['http://host:3001'],
    orders: ['http://a:1', 'https://b'],
  });
});

it.each([
  ['', 'no service name'],
  ['users', 'no service name'],
  ['=http://a:1', 'no service name'],
  ['Users=http://a:1', 'no service name'],
  ['users=', 'no URL'],
  ['users=host:3001', 'only name http or https'],
  ['users=http://a:1|', 'no URL'],
  ['users=ftp://a:1', 'only name http or https'],
  ['users=http://a:1/api', 'hosts with their ports'],
  ['users=http://me:secret@a:1', 'hosts with their ports'],
  ['users=http://a:1,users=http://b:1', 'a second time'],
  ['users=http://a:1,', 'no service name'],
])('refuses %s', (text, message) => {
  expect(() => parsePeers(text)).toThrow(
    expect.objectContaining({ code: 'DISCOVERY.PEERS_MALFORMED', message: expect.stringContaining(message) }),
  );
});

it('opens what is configured, and not two registries', async () => {
  const rest = { waitMs: 0, log: () => undefined };
  expect((await openDiscovery(rest)).status().kind).toBe('none');
  expect((await openDiscovery({ ...rest, peers: {} })).status().kind).toBe('static');
  await expect(openDiscovery({ ...rest, peers: {}, consulUrl: 'http://127.0.0.1:1' })).rejects.toMatchObject({
    code: 'DISCOVERY.TWO_REGISTRIES',
  });
});

it('waits for Consul with a message, and then says what to do', async () => {
  const lines: string[] = [];
  const opening = openDiscovery({
    consulUrl: 'http://:secret@127.0.0.1:1',
    waitMs: 1_000,
    log: (line) => lines.push(line),
  });
  await expect(opening).rejects.toMatchObject({
    code: 'DISCOVERY.CONSUL_AWAY',
    message: expect.stringMatching(
      /^CONSUL_URL: Consul at http:\/\/127.0.0.1:1 did not answer.*ECONNREFUSED.*Start it/,
    ),
  });
  expect(lines).toEqual([expect.stringContaining('waiting up to 1 s')]);
  expect(lines.join()).not.toContain('secret');
});
