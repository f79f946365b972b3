import { createServer } from 'node:http';
import { connect } from 'node:net';
import { closeListeners } from './close-listeners.js';
import { listen } from './listen.js';
import { closed, listenersOf } from './listeners.js';

const CONNECTIONS = 256;

(process.platform === 'linux' ? it : it.skip)(
  'many new connections are taken in few turns of the event loop',
  async () => {
    const server = createServer();
    const port = Number(new URL(await listen(server, 0)).port);
    let taken = 0;
    server.on('connection', () => void (taken += 1));
    const clients = Array.from({ length: CONNECTIONS }, () => connect(port, '127.0.0.1'));
    let turns = 0;
    for (; taken < CONNECTIONS && turns < CONNECTIONS; turns += 1) await new Promise((ended) => setImmediate(ended));
    for (const client of clients) client.destroy();
    const ended = closed(listenersOf(server));
    await closeListeners(server);
    await ended;
    expect({ taken, few: turns < CONNECTIONS / 4 }).toEqual({ taken: CONNECTIONS, few: true });
  },
);

it('a port whose sockets are closed can be used again at once', async () => {
  for (let n = 0, port = 0; n < 3; n += 1) {
    const server = createServer((_, response) => response.end('here'));
    const url = await listen(server, port);
    port = Number(new URL(url).port);
    const answers = await Promise.all(Array.from({ length: 64 }, async () => (await fetch(url)).text()));
    expect(new Set(answers)).toEqual(new Set(['here']));
    const ended = closed(listenersOf(server));
    await closeListeners(server);
    server.closeAllConnections();
    await ended;
  }
});
