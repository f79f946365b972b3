import { RetryLaterError } from './retry-later-error.js';
import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OVERLOADED_HEADER, refuseForLoad } from './refuse-for-load.js';
import { refuse } from './send-problem.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
const error = new RetryLaterError('SERVICE.OVERLOADED', 'The service is overloaded; try again later', 7, 'unavailable');

let server: Server;
let connections: number;

beforeEach(async () => {
  connections = 0;
  server = createServer((request, response) => {
    if (request.headers['x-how'] === 'usual') refuse(error, request, response, traceId);
    else refuseForLoad({ retryAfterSeconds: 7 }, request, response);
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((listening) => server.listen(0, listening));
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const url = (): string => `http://localhost:${(server.address() as AddressInfo).port}/api/rooms?secret=1`;

const call = async (headers: Record<string, string>): Promise<{ status: number; headers: object; body: any }> => {
  const response = await fetch(url(), { method: 'POST', body: 'x', headers });
  const { date: _, ...rest } = Object.fromEntries(response.headers);
  return { status: response.status, headers: rest, body: await response.json() };
};

it('answers like every other problem, and marks the answer for a gateway in front of the process', async () => {
  const refused = await call({ traceparent });
  const usual = await call({ 'x-how': 'usual' });
  expect(refused).toEqual({ ...usual, headers: { ...usual.headers, [OVERLOADED_HEADER]: '1' } });
  expect(refused).toMatchObject({
    status: 503,
    headers: { 'retry-after': '7', 'x-trace-id': traceId, 'content-type': 'application/problem+json; charset=utf-8' },
    body: { code: 'SERVICE.OVERLOADED', status: 503, traceId, instance: '/api/rooms' },
  });
});

it('keeps the connection, although it has not read the request', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const post = (): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const sent = request(url(), { agent, method: 'POST' }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode));
      });
      sent.once('error', reject).end('x'.repeat(100_000));
    });
  for (let one = 0; one < 5; one += 1) expect(await post()).toBe(503);
  expect(connections).toBe(1);
  agent.destroy();
});
