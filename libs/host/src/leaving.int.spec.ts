import { Module } from '@nestjs/common';
import { readSettings } from '@seam/process';
import { Agent, request, type Server } from 'node:http';
import type { RunningProcess } from './running-process.js';
import { startProcess } from './start-process.js';
import type { ServiceDefinition } from './service-definition.js';
import { systemOf } from './testing/system.js';

@Module({})
class LeavingModule {}

const service: ServiceDefinition = { name: 'leaving', module: LeavingModule, needs: [], messages: false };
const settings = readSettings({ PORT: '0', SEAM_LOG: 'error', SEAM_LEAVE_S: '1' });

interface Seen {
  readonly status: number;
  readonly connection: string | undefined;
}

/** How many connections from each port were opened, and accepted by the process: a port is reused after a while. */
const opened = new Map<number, number>();
const taken = new Map<number, number>();

const countIn = (counts: Map<number, number>, port = 0): unknown => counts.set(port, (counts.get(port) ?? 0) + 1);

/**
 * Whether the process accepted the last connection from a port: the kernel resets those that still wait when the
 * process stops.
 */
const wasTaken = (port: number): boolean => port !== 0 && opened.get(port) === taken.get(port);

/**
 * One request over a connection that is kept open; without an answer, the reason, and whether the connection was
 * accepted.
 */
function get(url: string, agent: Agent): Promise<Seen | string> {
  return new Promise((resolve) => {
    const asked = request(url, { agent }, (response) => {
      response.resume();
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, connection: response.headers.connection }),
      );
    });
    let port = 0;
    asked.once('socket', (socket) => {
      port = socket.localPort ?? 0;
      socket.once('connect', () => countIn(opened, (port = socket.localPort ?? 0)));
    });
    asked.once('error', ({ code = 'unknown' }: NodeJS.ErrnoException) =>
      resolve(wasTaken(port) ? `${code} on a connection that was taken` : 'not taken'),
    );
    asked.end();
  });
}

/** Sends requests until the process accepts no connection any more; resolves to the results after it began to stop. */
async function askUntilGone(running: RunningProcess, stopping: () => boolean): Promise<(Seen | string)[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const seen: (Seen | string)[] = [];
  for (;;) {
    const leaving = stopping();
    const one = await get(`${running.url}/health/live`, agent);
    if (one === 'not taken') break;
    if (leaving) seen.push(one);
  }
  agent.destroy();
  return seen;
}

it('answers all requests while it stops, announces that each connection ends, and resets none that it has accepted', async () => {
  const running = await startProcess(systemOf(service), { ...settings, jwksUrl: 'http://127.0.0.1:9/jwks.json' });
  (running.app.getHttpServer() as Server).on('connection', ({ remotePort }) => countIn(taken, remotePort));
  let stopping = false;
  const clients = Array.from({ length: 16 }, () => askUntilGone(running, () => stopping));
  await new Promise((over) => setTimeout(over, 300));
  stopping = true;
  const started = performance.now();
  await running.close();
  expect(performance.now() - started).toBeGreaterThan(950);
  const seen = (await Promise.all(clients)).flat();
  expect(seen.length).toBeGreaterThan(16);
  expect(seen.filter((one) => typeof one === 'string')).toEqual([]);
  expect(new Set(seen.map((one) => (one as Seen).status))).toEqual(new Set([200]));
  expect(new Set(seen.map((one) => (one as Seen).connection))).toEqual(new Set(['close']));
});

it('stops at once if there is no registry by which others find it', () => {
  expect(readSettings({}).leaveMs).toBe(0);
  expect(readSettings({ CONSUL_URL: 'http://consul:8500' }).leaveMs).toBe(1_000);
});
