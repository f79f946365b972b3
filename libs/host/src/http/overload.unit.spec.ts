import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { Registry } from 'prom-client';
import { eventually } from '@seam/testing';
import { Overload } from './overload.js';

let inFlight = 0;
let registry: Registry;
let overload: Overload;
let server: EventEmitter;

/** Keeps the event loop busy, then lets the delay be measured. */
async function late(ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end);
  await new Promise((measured) => setTimeout(measured, 1));
}

const start = (limitMs: number): void => {
  registry = new Registry();
  overload = new Overload({ limitMs, inFlight: () => inFlight, registry });
  server = new EventEmitter();
  overload.watch(server as Server);
  server.emit('listening');
};

beforeEach(() => {
  inFlight = 1_000;
});

afterEach(() => {
  server.emit('close');
});

it('refuses what writes while the event loop is late, and says when to come again', async () => {
  start(200);
  await late(300);
  const refusal = overload.refusalOf({ method: 'POST', url: '/api/orders' });
  expect(refusal).toMatchObject({ kind: 'unavailable', code: 'SERVICE.OVERLOADED', retryAfterSeconds: 2 });
  expect(overload.refusalOf({ method: 'GET', url: '/api/orders' })).toBeUndefined();
  expect(await registry.metrics()).toMatch(/^seam_http_overload_refused_total 1$/m);
});

it('refuses what reads once it is far too late, and never what asks how it is', async () => {
  start(20);
  await late(500);
  expect(overload.refusalOf({ method: 'GET', url: '/api/orders' })).toBeDefined();
  for (const url of ['/health/live', '/health/ready', '/metrics', '/metrics?x=1'])
    expect(overload.refusalOf({ method: 'GET', url })).toBeUndefined();
  expect(overload.refusalOf({ method: 'POST', url: '/healthy' })).toBeDefined();
});

it('takes requests again once the event loop is in time', async () => {
  start(200);
  await late(300);
  const order = { method: 'POST', url: '/api/orders' };
  expect(overload.refusalOf(order)).toBeDefined();
  await eventually(() => expect(overload.refusalOf(order)).toBeUndefined());
});

it('takes the requests of a process that is late with something else', async () => {
  inFlight = 10;
  start(20);
  await late(500);
  expect(overload.refusalOf({ method: 'POST', url: '/api/orders' })).toBeUndefined();
});

it('refuses nothing where it is turned off', async () => {
  start(0);
  await late(500);
  expect(overload.refusalOf({ method: 'POST', url: '/api/orders' })).toBeUndefined();
});
