import { Controller } from '@nestjs/common';
import { type Message, newId } from '@seam/kernel';
import { HandleCommand, HostedMessages, PermanentError } from '@seam/messaging';
import { defineCommand } from '@seam/messaging/contract';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { readSettings, type Settings } from '@seam/process';
import { LocalVerificationKeys } from '@seam/security';
import { eventually } from '@seam/testing';
import pg from 'pg';
import { z } from 'zod';
import { startTestServer } from '@seam/persistence/testing';
import { testIdentity } from '@seam/security/testing';
import { startProcess } from '../start-process.js';
import type { RunningProcess } from '../running-process.js';
import { bareService } from '../testing/probe-service.js';
import { storedService } from '../testing/stored-service.js';
import { systemOf } from '../testing/system.js';

const reason = 'the address was corrected';
const contract = defineCommand({
  ...{ service: 'support', name: 'thing' },
  data: z.object({ address: z.string() }),
  reply: z.object({}),
});

@Controller()
class SupportHandlers {
  @HandleCommand(contract)
  handle({ data }: Message<{ address: string }>): never {
    throw new PermanentError(`the address is unknown: ${data.address}`);
  }
}

let postgres: EmbeddedPostgres;
let settings: Settings;
let running: RunningProcess;
let staff: string;
let customer: string;

beforeAll(async () => {
  postgres = await startTestServer();
  settings = readSettings({ PORT: '0', SEAM_LOG: 'error', DATABASE_URL: postgres.url('postgres') });
  const system = systemOf(storedService('left'), storedService('right'), storedService('support', [SupportHandlers]));
  const subscriptions = { ...system.subscriptions, away: [] }; // A service that runs elsewhere, or nowhere.
  running = await startProcess({ ...system, subscriptions }, settings);
  const identity = await testIdentity();
  running.app.get(LocalVerificationKeys).use(() => Promise.resolve(identity.jwks));
  staff = await identity.tokenFor({ userId: 's1', role: 'staff', email: 's@b.c' });
  customer = await identity.tokenFor({ userId: 'u1', role: 'customer', email: 'u@b.c' });
});

afterAll(async () => {
  await running.close();
  await postgres.stop();
});

async function query<R extends object>(service: string, text: string, values: unknown[] = []): Promise<R[]> {
  const client = new pg.Client({ connectionString: postgres.url(`seam_${service}`) });
  await client.connect();
  try {
    return (await client.query<R>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** A message given up on by a service at a time. */
async function deadLetter(service: string, diedAt: string, id = newId()): Promise<string> {
  const message = { id, type: `${service}.thing.v1`, source: 'other', correlationId: 'c1', data: { secret: 'x' } };
  await query(service, 'insert into dead_letter values ($1, $2, $3, $4, 3, $5)', [
    ...[id, `${service}/thing`, JSON.stringify({ ...message, kind: 'command', target: service, at: diedAt })],
    ...['broken', diedAt],
  ]);
  return id;
}

async function call(
  method: string,
  path: string,
  token?: string,
  body?: object,
): Promise<{ status: number; body: any }> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${running.url}/api/dead-letters${path}`, { method, headers, ...sent });
  return { status: response.status, body: await response.json() };
}

const metric = async (name: string): Promise<string> => {
  const text = await (await fetch(`${running.url}/metrics`)).text();
  return text.split('\n').find((line) => line.startsWith(name)) ?? '';
};

describe('dead letters', () => {
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    ids['old'] = await deadLetter('left', '2026-01-01T10:00:00.000400Z');
    ids['middle'] = await deadLetter('right', '2026-01-02T10:00:00Z');
    ids['new'] = await deadLetter('left', '2026-01-03T10:00:00Z');
    ids['both'] = await deadLetter('left', '2026-01-04T10:00:00Z');
    await deadLetter('right', '2026-01-04T10:00:00Z', ids['both']);
  });

  it('are listed newest first over all services, without their data', async () => {
    const { status, body } = await call('GET', '', staff);
    expect(status).toBe(200);
    const names = body.items.map((item: any) => [item.messageId, item.service]);
    const { old, middle, both } = ids;
    expect(names).toEqual([
      [both, 'right'],
      [both, 'left'],
      [ids['new'], 'left'],
      [middle, 'right'],
      [old, 'left'],
    ]);
    expect(body.items[0]).toMatchObject({ type: 'right.thing.v1', source: 'other', reason: 'broken', attempts: 3 });
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('are listed by pages, and by service', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null && page < 9; page += 1) {
      const { body } = await call('GET', `?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`, staff);
      seen.push(...body.items.map((item: any) => `${item.service} ${item.messageId}`));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(
      (await call('GET', '', staff)).body.items.map((item: any) => `${item.service} ${item.messageId}`),
    );
    expect((await call('GET', '?service=right', staff)).body.items).toHaveLength(2);
    expect(await call('GET', '?service=nobody', staff)).toMatchObject({
      status: 400,
      body: { code: 'REQUEST.INVALID' },
    });
  });

  it('are shown with their message one by one', async () => {
    const { status, body } = await call('GET', `/${ids['both']}`, staff);
    expect(status).toBe(200);
    expect(body.items.map(({ service }: any) => service)).toEqual(['left', 'right']);
    expect(body.items[0]).toMatchObject({ attempts: 3, reason: 'broken', history: [] });
    expect(body.items[0].message).toMatchObject({ id: ids['both'], correlationId: 'c1', data: { secret: 'x' } });
    expect((await call('GET', `/${newId()}`, staff)).body).toMatchObject({ code: 'DEAD_LETTER.NOT_FOUND' });
  });

  it('are grouped over all services, largest group first, and found by the same conditions', async () => {
    const { body } = await call('GET', '/groups', staff);
    expect(body.items).toEqual(
      [
        ...[{ service: 'left', type: 'left.thing.v1', handler: 'left/thing', failure: 'broken', count: 3 }],
        ...[{ service: 'right', type: 'right.thing.v1', handler: 'right/thing', failure: 'broken', count: 2 }],
      ].map((group) => expect.objectContaining(group)),
    );
    expect(body.items[0]).toMatchObject({ oldest: '2026-01-01T10:00:00.000Z', newest: '2026-01-04T10:00:00.000Z' });
    const found = async (query: string): Promise<number> => (await call('GET', `?${query}`, staff)).body.items.length;
    expect(await found('type=left.thing.v1&failure=broken')).toBe(3);
    expect(await found('type=left.thing.v1&service=right')).toBe(0);
    expect(await found('reason=roke&handler=right/thing')).toBe(2);
    expect(await found('from=2026-01-02T10:00:00Z&to=2026-01-03T10:00:00.001Z')).toBe(2);
    expect((await call('GET', '?from=yesterday', staff)).status).toBe(400);
    expect((await call('GET', '/groups?reason=%00', staff)).status).toBe(400);
  });

  it('are visible to staff only', async () => {
    expect((await call('GET', '')).status).toBe(401);
    expect((await call('GET', '', customer)).status).toBe(403);
    expect((await call('GET', `/${ids['old']}`, customer)).status).toBe(403);
    expect((await call('GET', '/groups', customer)).status).toBe(403);
    expect((await call('POST', `/${ids['old']}/redrive`, customer, { reason })).status).toBe(403);
  });

  it('are counted when the metrics are read', async () => {
    expect(await metric('seam_dead_letters{service="left"}')).toMatch(/ 3$/);
    expect(await metric('seam_outbox_waiting{service="right"}')).toMatch(/ 0$/);
    expect(await metric('seam_outbox_oldest_seconds{service="right"}')).toMatch(/ 0$/);
  });

  it('are sent again, by every service that gave them up', async () => {
    expect(await call('POST', `/${ids['both']}/redrive`, staff, { reason })).toEqual({
      status: 202,
      body: { messageId: ids['both'], services: ['left', 'right'] },
    });
    const left = (await call('GET', '', staff)).body.items.filter((item: any) => item.handler.endsWith('/thing'));
    expect(left.map((item: any) => item.messageId)).toEqual([ids['new'], ids['middle'], ids['old']]);
  });

  it('are redriven, edited and discarded only with a reason, which is recorded with the caller', async () => {
    for (const what of ['redrive', 'discard', 'edit'])
      for (const body of [undefined, {}, { reason: '' }, { reason: 7 }])
        expect((await call('POST', `/${ids['old']}/${what}`, staff, body)).status).toBe(400);
    expect((await call('POST', `/${ids['old']}/discard`, customer, { reason })).status).toBe(403);
    expect((await call('GET', '/actions', customer)).status).toBe(403);
    expect(await call('POST', `/${ids['old']}/discard`, staff, { reason })).toEqual({
      status: 200,
      body: { messageId: ids['old'], services: ['left'] },
    });
    const { items, nextCursor } = (await call('GET', '/actions?limit=1', staff)).body;
    expect(items).toEqual([
      {
        ...{ id: expect.any(String), service: 'left', action: 'discarded', by: 's1', reason },
        ...{ at: expect.any(String), messageId: ids['old'], type: 'left.thing.v1', handlers: ['left/thing'] },
      },
    ]);
    const earlier = (await call('GET', `/actions?cursor=${nextCursor}`, staff)).body.items;
    expect(earlier.map(({ action, service }: any) => `${service} ${action}`).sort()).toEqual([
      'left redriven',
      'right redriven',
    ]);
    expect((await call('GET', '/actions?service=right', staff)).body.items).toHaveLength(1);
  });

  it('are edited only to what their handler’s contract accepts, and then sent as a new message', async () => {
    const id = await deadLetter('support', '2026-01-05T10:00:00Z');
    const wrong = await call('POST', `/${id}/edit`, staff, { reason, data: { address: 7 } });
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ path: 'data.address' }] } });
    expect((await call('POST', `/${id}/edit`, staff, { reason, service: 'left', data: {} })).status).toBe(404);
    expect((await call('POST', `/${ids['new']}/edit`, staff, { reason, data: {} })).body.code).toBe(
      'DEAD_LETTER.NO_CONTRACT',
    );
    const edited = await call('POST', `/${id}/edit`, staff, { reason, data: { address: 'Main Street 7' } });
    expect(edited).toEqual({
      status: 202,
      body: { messageId: id, service: 'support', newMessageId: expect.any(String) },
    });
    const { newMessageId } = edited.body;
    await eventually(async () => {
      const [letter] = (await call('GET', `/${newMessageId}`, staff)).body.items;
      expect(letter).toMatchObject({ reason: 'the address is unknown: Main Street 7', message: { causationId: id } });
    });
    expect((await call('GET', `/${id}`, staff)).status).toBe(404);
    const [action] = (await call('GET', '/actions', staff)).body.items;
    expect(action).toMatchObject({ action: 'edited', messageId: id, newMessageId });
  });

  it('of one message in two services are edited for the one that is named', async () => {
    const id = await deadLetter('left', '2026-01-06T10:00:00Z');
    await deadLetter('right', '2026-01-06T10:00:00Z', id);
    expect(await call('POST', `/${id}/edit`, staff, { reason, data: {} })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'service', message: expect.stringContaining('left, right') }] },
    });
    expect((await call('POST', `/${id}/discard`, staff, { reason })).body.services).toEqual(['left', 'right']);
  });

  it.each(['0198a7c2-5b1e-7c3d-8f6a-2b9d4e1c7a50', 'nonsense', "' or 1=1 --"])('there is no %s', async (id) => {
    expect(await call('POST', `/${encodeURIComponent(id)}/redrive`, staff, { reason })).toMatchObject({
      status: 404,
      body: { code: 'DEAD_LETTER.NOT_FOUND' },
    });
  });

  it('do not prevent the other metrics if a database does not answer', async () => {
    const broken = { lag: () => Promise.reject(new Error('gone')) };
    const deadLetters = running.app.get(HostedMessages).all.get('left')!.deadLetters;
    running.app
      .get(HostedMessages)
      .add('broken', { outbox: broken, deadLetters, handlers: new Map(), relay: { unsent: () => [] } });
    expect(await metric('seam_dead_letters{service="broken"}')).toBe('');
    expect(await metric('seam_dead_letters{service="right"}')).not.toBe('');
  });
});

describe('the outboxes', () => {
  const outboxes = async (query = '', token = staff): Promise<{ status: number; body: any }> => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${running.url}/api/messages/outbox${query}`, { headers });
    return { status: response.status, body: await response.json() };
  };

  it('show how many messages each service still has to send, since when, the attempts, and the last error', async () => {
    const at = new Date(Date.now() - 5_000).toISOString();
    const message = { id: newId(), kind: 'command', source: 'left', target: 'away', correlationId: 'c1', data: {}, at };
    const stored = JSON.stringify([{ ...message, type: 'away.thing.v1' }]);
    await query('left', 'insert into outbox values ($1, $2, $3)', [message.id, stored, at]);
    await eventually(async () => {
      const { body } = await outboxes('?service=left');
      expect(body.transport).toEqual({ status: 'up' });
      const { unsent, ...left } = body.items[0];
      expect(left).toEqual({ service: 'left', waiting: 1, oldestSeconds: expect.any(Number) });
      expect(left.oldestSeconds).toBeGreaterThan(4);
      const reason = 'away is not hosted in this process';
      expect(unsent).toMatchObject([{ type: 'away.thing.v1', target: 'away', count: 1, oldest: at, reason }]);
      expect(unsent[0].attempts).toBeGreaterThan(1);
    });
    expect((await outboxes('?service=right')).body.items).toMatchObject([{ waiting: 0, unsent: [] }]);
    await query('left', 'delete from outbox where id = $1', [message.id]);
  });

  it('are visible to staff only, and are those of this process', async () => {
    expect((await outboxes('', customer)).status).toBe(403);
    expect((await outboxes('?service=nobody')).status).toBe(400);
  });
});

describe('a service’s database', () => {
  it('is checked by readiness', async () => {
    const { details } = (await (await fetch(`${running.url}/health/ready`)).json()) as Record<string, unknown>;
    expect(details).toMatchObject({ 'database:left': { status: 'up' }, 'database:right': { status: 'up' } });
  });

  it('has no open connection after a failed start', async () => {
    await expect(startProcess(systemOf(storedService('failed'), bareService), settings)).rejects.toThrow('no policy');
    const open = "select 1 from pg_stat_activity where application_name = 'seam-failed'";
    await eventually(async () => expect(await query('left', open)).toEqual([]));
  });
});
