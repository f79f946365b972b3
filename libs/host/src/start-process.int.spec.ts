import { LocalVerificationKeys } from '@seam/security';
import { createHash } from 'node:crypto';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { DrainRegistry, Readiness, readSettings, type Settings } from '@seam/process';
import { startTestServer } from '@seam/persistence/testing';
import { testIdentity, type TestIdentity } from '@seam/security/testing';
import type { RunningProcess } from './running-process.js';
import { startProcess } from './start-process.js';
import { bareService, gate, probeService } from './testing/probe-service.js';
import { systemOf } from './testing/system.js';

let postgres: EmbeddedPostgres;
let settings: Settings;
let running: RunningProcess;
let identity: TestIdentity;

const caller = { userId: 'u1', role: 'customer', email: 'a@b.c' } as const;

beforeAll(async () => {
  postgres = await startTestServer();
  settings = readSettings({ PORT: '0', SEAM_LOG: 'error', DATABASE_URL: postgres.url('postgres') });
  identity = await testIdentity();
  running = await startProcess(systemOf(probeService), settings);
  running.app.get(LocalVerificationKeys).use(() => Promise.resolve(identity.jwks));
});

afterAll(async () => {
  await running.close();
  await postgres.stop();
});

interface Answer {
  status: number;
  headers: Headers;
  body: any;
}

async function call(path: string, init: RequestInit = {}, at = running): Promise<Answer> {
  const response = await fetch(`${at.url}${path}`, init);
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

const json = (body: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body,
});

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

describe('requests', () => {
  it('runs in the trace of its traceparent, also after the body parser, and returns the trace id', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
    const {
      status,
      headers: answered,
      body,
    } = await call('/probe/things', {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent },
      body: '{"name":"x"}',
    });
    expect([status, body.trace, answered.get('x-trace-id')]).toEqual([201, traceId, traceId]);
    expect(answered.get('x-powered-by')).toBeNull();
    expect(answered.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
  });

  it('refuses unknown fields by name, at every depth', async () => {
    const { status, body } = await call(
      '/probe/things',
      json('{"name":"x","role":"staff","parts":[{"size":1,"y":2}]}'),
    );
    expect([status, body.code]).toEqual([400, 'REQUEST.INVALID']);
    expect(body.errors.map((e: { path: string }) => e.path).sort()).toEqual(['parts.0.y', 'role']);
  });

  it('is not polluted by __proto__', async () => {
    const { body } = await call('/probe/things', json('{"name":"x","__proto__":{"polluted":1}}'));
    expect(body.polluted).toBeUndefined();
  });

  it.each([
    ['broken JSON', json('{"name":'), 400, 'REQUEST.MALFORMED_JSON'],
    ['a body that is not JSON', { method: 'POST', body: 'name=x' }, 415, 'REQUEST.UNSUPPORTED_MEDIA_TYPE'],
    ['a body over 1 MB', json(JSON.stringify({ name: 'x'.repeat(1_100_000) })), 413, 'REQUEST.BODY_TOO_LARGE'],
    ['no body', { method: 'POST' }, 400, 'REQUEST.INVALID'],
    ['a body nested 100,000 deep', json('['.repeat(100_000) + ']'.repeat(100_000)), 400, 'REQUEST.INVALID'],
  ])('refuses %s', async (_, init: RequestInit, status, code) => {
    const answer = await call('/probe/things', init);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it('answers an unknown path and a path that is not text', async () => {
    expect((await call('/nowhere?token=secret')).body).toMatchObject({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      code: 'REQUEST.NOT_FOUND',
      instance: '/nowhere',
    });
    expect(await call('/probe/sku/%FF')).toMatchObject({ status: 400, body: { code: 'REQUEST.MALFORMED' } });
  });

  it.each([
    ['DELETE', '/probe/sku/A', 'GET, HEAD'],
    ['GET', '/probe/things', 'POST'],
    ['OPTIONS', '/probe/list/', 'GET, HEAD'],
    ['PUT', '/docs', 'GET, HEAD'],
    ['PATCH', '/health/live', 'GET, HEAD'],
  ])('answers %s %s with the methods there are', async (method, path, allowed) => {
    const answer = await call(path, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed]);
    expect(answer.body).toMatchObject({ code: 'REQUEST.METHOD_NOT_ALLOWED' });
    expect((await call('/nowhere', { method })).status).toBe(404);
  });

  it('gives every answer to a GET an ETag and the caching rules of its caller, and answers 304 to a known one', async () => {
    const alone = await call('/probe/list');
    expect(alone.headers.get('cache-control')).toBe('no-cache');
    expect(alone.headers.get('vary')).toContain('Authorization');
    const tag = alone.headers.get('etag') ?? '';
    // fetch() sends `cache-control: no-cache` along, as a browser does that reloads.
    const known = await call('/probe/list', { headers: { 'if-none-match': tag } });
    expect([known.status, known.headers.get('etag'), known.body]).toEqual([304, tag, '']);
    expect((await call('/probe/list?limit=7', { headers: { 'if-none-match': tag } })).status).toBe(200);
    const refused = await call('/probe/mine', { headers: { 'if-none-match': '*' } });
    expect([refused.status, refused.headers.get('cache-control')]).toEqual([401, 'no-store']);
  });

  it('does not show the text of an unexpected error', async () => {
    const { status, body } = await call('/probe/bug');
    expect([status, body.code]).toEqual([500, 'INTERNAL']);
    expect(JSON.stringify(body)).not.toMatch(/secret|probe\.service|stack/);
  });

  it('maps coded errors, with their headers', async () => {
    expect(await call('/probe/conflict')).toMatchObject({ status: 409, body: { code: 'PROBE.CONFLICT' } });
    const later = await call('/probe/later');
    expect([later.status, later.headers.get('retry-after')]).toEqual([429, '30']);
  });

  it('gives a route the raw bytes', async () => {
    expect((await call('/probe/raw', json('{ "a" : 1 }'))).body).toEqual({ bytes: '{ "a" : 1 }' });
  });

  it('checks parameters and queries by their schemas', async () => {
    expect((await call('/probe/list')).body).toEqual({ limit: 20 });
    expect((await call('/probe/list?limit=5&cursor=abc')).body).toEqual({ limit: 5, cursor: 'abc' });
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'limit=5&limit=6', 'cursor=$', 'other=1']) {
      expect(await call(`/probe/list?${query}`)).toMatchObject({ status: 400, body: { code: 'REQUEST.INVALID' } });
    }
    expect(await call('/probe/sku/lower')).toMatchObject({ status: 400, body: { code: 'REQUEST.INVALID' } });
  });

  it('allows a client 15 s to send its headers', () => {
    expect((running.app.getHttpServer() as Server).headersTimeout).toBe(15_000);
  });
});

describe('policies', () => {
  it('lets everyone use a public route, and identifies the caller if there is a token', async () => {
    const token = await identity.tokenFor({ ...caller, role: 'staff' });
    expect((await call('/probe/sku/A')).body.role).toBeNull();
    expect((await call('/probe/sku/A', bearer(token))).body.role).toBe('staff');
    expect(await call('/probe/sku/A', bearer('nonsense'))).toMatchObject({
      status: 401,
      body: { code: 'AUTH.TOKEN_INVALID' },
    });
  });

  it('requires a token, and a role', async () => {
    const token = await identity.tokenFor(caller);
    const missing = await call('/probe/mine');
    expect([missing.status, missing.body.code]).toEqual([401, 'AUTH.TOKEN_MISSING']);
    expect(missing.headers.get('www-authenticate')).toBe('Bearer');
    expect((await call('/probe/mine', bearer(token))).body).toEqual(caller);
    const others = [token, await identity.tokenFor({ ...caller, role: 'Staff' })];
    for (const other of others)
      expect(await call('/probe/staff', bearer(other))).toMatchObject({
        status: 403,
        body: { code: 'AUTH.FORBIDDEN' },
      });
    const old = await identity.tokenFor(caller, new Date(Date.now() - 3_600_000));
    expect((await call('/probe/mine', bearer(old))).body.code).toBe('AUTH.TOKEN_EXPIRED');
  });

  it('does not start with a route without a policy', async () => {
    await expect(startProcess(systemOf(probeService, bareService), settings)).rejects.toThrow(
      'BareController.withoutPolicy',
    );
  });
});

describe('operations', () => {
  it('documents every route with its policy, input, answers and problems', async () => {
    const { body: document } = await call('/docs-json');
    const create = document.paths['/probe/things'].post;
    expect(document.info.title).toBe('Rooms');
    expect(document.info.description).toMatch(/^Rooms & keys\. Errors/);
    expect(create.requestBody.content['application/json'].schema).toMatchObject({
      example: { name: 'a thing' },
      additionalProperties: false,
    });
    expect(create.responses['201'].content['application/json'].example).toEqual({ name: 'a thing' });
    expect(Object.keys(create.responses)).toEqual(['201', '400', '409']);
    expect(create.security).toBeUndefined();
    const staff = document.paths['/probe/staff'].get;
    expect([staff.security, Object.keys(staff.responses)]).toEqual([[{ bearer: [] }], ['200', '401', '403']]);
    expect(document.components.schemas.Problem.required).toContain('code');
    expect(JSON.stringify(document)).not.toContain('x-seam-policy');
    const list = document.paths['/probe/list'].get.parameters;
    expect(list.map((p: { name: string }) => p.name)).toEqual(['limit', 'cursor']);
  });

  it('shows a browser at / what this is, and a link to the docs', async () => {
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const { status, headers, body } = await call('/', { headers: { accept } });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers.get('vary')).toContain('Accept');
    expect(body).toMatch(/<a [^>]*href="docs"/);
    expect(body).toContain('<p>Rooms &amp; keys. What you have found is its HTTP API: rooms, keys.</p>');
    const policy = headers.get('content-security-policy') ?? '';
    const style = /<style>([^]*)<\/style>/.exec(String(body))?.[1] ?? '';
    expect(policy).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(policy).not.toContain('unsafe');
    expect(body).not.toMatch(/<script|style=|(src|href)=.https?:/);
  });

  it.each(['*/*', 'application/json', 'application/json, text/html;q=0.9', ''])(
    'answers 404 to a client at / that accepts "%s"',
    async (accept) => {
      const { status, headers, body } = await call('/', { headers: { accept } });
      expect([status, body.code]).toEqual([404, 'REQUEST.NOT_FOUND']);
      expect(headers.get('vary')).toContain('Accept');
    },
  );

  it('serves the docs page without files of other origins', async () => {
    const { status, body } = await call('/docs');
    expect(status).toBe(200);
    expect(body).not.toMatch(/(src|href)=.https?:/);
    expect((await call('/docs/swagger-ui-bundle.js')).status).toBe(200);
  });

  it('counts requests by route template', async () => {
    await call('/probe/sku/SOME');
    const { body } = await call('/metrics');
    expect(body).toContain('http_request_duration_seconds_count{method="GET",route="/probe/sku/:sku",status="200"}');
    expect(body).not.toContain('SOME');
    expect(body).toContain('nodejs_eventloop_lag_seconds');
  });

  it('is ready while every dependency answers', async () => {
    expect(await call('/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await call('/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await call('/health/ready?service=probe')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await call('/health/ready?service=another')).toMatchObject({ status: 404 });
    const second = await startProcess(systemOf(probeService), settings);
    second.app.get(Readiness).add('database:probe', () => Promise.reject(new Error('secret host')));
    const answer = await call('/health/ready', {}, second);
    expect(answer).toMatchObject({ status: 503, body: { details: { 'database:probe': { status: 'down' } } } });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    await second.close();
  });

  it('stays ready while a dependency that it can work without is not available, and reports that', async () => {
    const second = await startProcess(systemOf(probeService), settings);
    const readiness = second.app.get(Readiness);
    readiness.inform('broker', () => ({ status: 'up' }));
    expect(await call('/health/ready', {}, second)).toMatchObject({ status: 200, body: { status: 'ok' } });
    readiness.inform('broker', () => ({ status: 'degraded', reason: 'the connection is blocked' }));
    readiness.inform('odd', () => {
      throw new Error('secret host');
    });
    expect(await call('/health/ready', {}, second)).toMatchObject({
      status: 200,
      body: {
        status: 'degraded',
        details: {
          broker: { status: 'degraded', reason: 'the connection is blocked' },
          odd: { status: 'degraded', reason: 'not known' },
        },
      },
    });
    await second.close();
  });

  it('names the port that is in use', async () => {
    const other = createServer();
    await new Promise<void>((listening) => other.listen(0, listening));
    const { port } = other.address() as AddressInfo;
    await expect(startProcess(systemOf(probeService), { ...settings, port })).rejects.toThrow(`PORT ${port} is in use`);
    other.close();
  });
});

describe('close', () => {
  it('ends requests and drains before it closes, and accepts no new connection', async () => {
    const leaving = await startProcess(systemOf(probeService), settings);
    const { port } = new URL(leaving.url);
    const order: string[] = [];
    const drains = leaving.app.get(DrainRegistry);
    drains.add({ name: 'x', drain: () => Promise.resolve(void order.push('drain')) });
    drains.addClose('y', () => Promise.resolve(void order.push('close')));
    const idle = connect(Number(port));
    await new Promise((connected) => idle.once('connect', connected));
    const idleClosed = new Promise((closed) => idle.once('close', closed));

    let open = (): void => undefined;
    gate.open = new Promise((resolve) => (open = resolve));
    const entered = new Promise<void>((resolve) => (gate.entered = resolve));
    const held = new Promise<number | undefined>((resolve) => {
      httpRequest(`${leaving.url}/probe/hold`, (response) => {
        response.resume().once('end', () => resolve(response.statusCode));
      }).end();
    });
    await entered;
    const closed = leaving.close();
    expect(leaving.app.get(Readiness).phase).toBe('draining');
    await idleClosed;
    await expect(fetch(`${leaving.url}/health/live`)).rejects.toThrow();
    expect(leaving.busy()).toEqual(['1 HTTP requests']);
    expect(order).toEqual([]);
    open();
    expect(await held).toBe(200);
    await closed;
    expect(order).toEqual(['drain', 'close']);
    expect(leaving.busy()).toEqual([]);
  });
});
