import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { Backlog, readSettings } from '@seam/process';
import { LocalVerificationKeys } from '@seam/security';
import { eventually } from '@seam/testing';
import { startTestServer } from '@seam/persistence/testing';
import { testIdentity } from '@seam/security/testing';
import type { RunningProcess } from '../running-process.js';
import { startProcess } from '../start-process.js';
import { probeService } from '../testing/probe-service.js';
import { systemOf } from '../testing/system.js';

let postgres: EmbeddedPostgres;
let running: RunningProcess;
const work = { pending: 0, waitMs: 0 };
const headers: Record<string, string> = {};

beforeAll(async () => {
  postgres = await startTestServer();
  const environment = { PORT: '0', SEAM_LOG: 'error', DATABASE_URL: postgres.url('postgres') };
  running = await startProcess(systemOf(probeService), readSettings(environment));
  const identity = await testIdentity();
  running.app.get(LocalVerificationKeys).use(() => Promise.resolve(identity.jwks));
  headers['authorization'] = `Bearer ${await identity.tokenFor({ userId: 'u1', role: 'staff', email: 'a@b.c' })}`;
  running.app.get(Backlog).add({ pending: () => work.pending, waitMs: () => work.waitMs });
});

afterAll(async () => {
  await running.close();
  await postgres.stop();
});

const call = async (method: string, path: string, init: RequestInit = {}): Promise<number> =>
  (await fetch(`${running.url}${path}`, { method, ...init })).status;

it('refuses only new work while accepted work waits too long, before it reads the request', async () => {
  const malformed = { body: '{', headers: { 'content-type': 'application/json', authorization: 'Bearer forged' } };
  expect(await call('POST', '/probe/things', malformed)).toBe(400);
  Object.assign(work, { pending: 10_000, waitMs: 10_000 });
  await eventually(async () => expect(await call('POST', '/probe/things', malformed)).toBe(503));
  for (const [method, path] of [
    ['POST', '/probe/raw'],
    ['DELETE', '/probe/nothing'],
    ['PUT', '/probe/staff'],
  ] as const)
    expect([method, path, await call(method, path, { headers })]).toEqual([method, path, 503]);
  for (const path of ['/probe/list', '/health/live', '/metrics', '/docs-json'])
    expect([path, await call('GET', path)]).not.toEqual([path, 503]);
  expect(await call('POST', '/probe/staff')).toBe(401);
  expect(await call('POST', '/probe/staff', { headers })).toBe(201);
  expect(await call('POST', '/probe/always')).toBe(201);
  Object.assign(work, { pending: 0, waitMs: 0 });
  await eventually(async () => expect(await call('POST', '/probe/raw')).toBe(200));
});
