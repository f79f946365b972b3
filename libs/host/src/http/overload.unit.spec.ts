import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { Registry } from 'prom-client';
import { eventually } from '@seam/testing';
import { Overload } from './overload.js';

let inFlight = 0;
let registry: Registry;
let overload: Overload;
const backlog = { pending: 0, waitMs: 0 };
let server: EventEmitter;

/** Blocks the event loop, then waits until the delay is measured. */
async function late(ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end);
  await new Promise((measured) => setTimeout(measured, 1));
}

const start = (limitMs: number, backlogMs = 1_000): void => {
  registry = new Registry();
  overload = new Overload({ limitMs, backlogMs, inFlight: () => inFlight, backlog, registry });
  server = new EventEmitter();
  overload.watch(server as Server);
  server.emit('listening');
};

const write = { method: 'POST', url: '/api/rooms' };
const read = { method: 'GET', url: '/api/rooms' };

beforeEach(() => {
  inFlight = 1_000;
  Object.assign(backlog, { pending: 0, waitMs: 0 });
});

afterEach(() => {
  server.emit('close');
});

it('refuses requests that write while the event loop is late, with `Retry-After`', async () => {
  start(200);
  await late(300);
  expect(overload.refusalOf(write)).toEqual({ retryAfterSeconds: 2 });
  expect(overload.refusalOf(read)).toBeUndefined();
  expect(await registry.metrics()).toMatch(/^seam_http_overload_refused_total{reason="event-loop"} 1$/m);
});

it('refuses requests that read when the event loop is much too late, and never those for health', async () => {
  start(20);
  await late(500);
  expect(overload.refusalOf(read)).toBeDefined();
  for (const url of ['/health/live', '/health/ready', '/metrics', '/metrics?x=1'])
    expect(overload.refusalOf({ method: 'GET', url })).toBeUndefined();
  expect(overload.refusalOf({ method: 'POST', url: '/healthy' })).toBeDefined();
});

it('accepts requests again once the event loop is in time', async () => {
  start(200);
  await late(300);
  expect(overload.refusalOf(write)).toBeDefined();
  await eventually(() => expect(overload.refusalOf(write)).toBeUndefined());
});

it('accepts requests while few are in flight: the event loop is late because of something else', async () => {
  inFlight = 10;
  start(20);
  await late(500);
  expect(overload.refusalOf(write)).toBeUndefined();
});

it('refuses nothing if it is disabled', async () => {
  start(0);
  Object.assign(backlog, { pending: 10_000, waitMs: 60_000 });
  await late(500);
  expect(overload.refusalOf(write)).toBeUndefined();
});

describe('while accepted work waits too long', () => {
  beforeEach(async () => {
    start(200);
    Object.assign(backlog, { pending: 5_000, waitMs: 3_500 });
    await eventually(() => expect(overload.refusalOf(write)).toBeDefined());
  });

  it('refuses requests that create work, with a `Retry-After` of the waiting time, and answers those that read', async () => {
    const expected = { retryAfterSeconds: 4 };
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect(overload.refusalOf({ ...write, method })).toEqual(expected);
    for (const method of ['GET', 'HEAD', 'OPTIONS']) expect(overload.refusalOf({ ...read, method })).toBeUndefined();
    expect(await registry.metrics()).toMatch(/^seam_http_overload_refused_total{reason="backlog"} 5$/m);
  });

  it('answers routes that are never refused', () => {
    overload.neverRefused = (method, path) => method === 'POST' && path === '/api/login';
    expect(overload.refusalOf({ method: 'POST', url: '/api/login?next=1' })).toBeUndefined();
    expect(overload.refusalOf({ method: 'PUT', url: '/api/login' })).toBeDefined();
    expect(overload.refusalOf({ method: 'POST', url: '/metrics' })).toBeUndefined();
  });

  it('shows what is pending, how long it waits, and the limit', async () => {
    const shown = await registry.metrics();
    expect(shown).toMatch(/^seam_backlog_pending 6000$/m);
    expect(shown).toMatch(/^seam_backlog_wait_seconds 3.5$/m);
    expect(shown).toMatch(/^seam_admission_limit \d+$/m);
  });

  it('accepts requests again afterwards, as many as it finishes', async () => {
    Object.assign(backlog, { pending: 0, waitMs: 0 });
    inFlight = 10;
    await eventually(() => expect(overload.refusalOf(write)).toBeUndefined());
    inFlight = 1_000_000;
    expect(overload.refusalOf(write)).toBeDefined();
    inFlight = 10;
    await eventually(async () => expect(await registry.metrics()).toMatch(/^seam_admission_limit \+?Inf/m));
  });
});

it('has no limit of the waiting time if that is disabled', async () => {
  start(200, 0);
  Object.assign(backlog, { pending: 10_000, waitMs: 60_000 });
  await new Promise((over) => setTimeout(over, 500));
  expect(overload.refusalOf(write)).toBeUndefined();
});
