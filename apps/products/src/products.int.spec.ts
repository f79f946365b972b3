import { Controller, Injectable, Module } from '@nestjs/common';
import { demoShop, ProductChanged, shop } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import { type RunningProcess, type ServiceDefinition, startProcess } from '@seam/host';
import type { Message } from '@seam/kernel';
import { HandleEvent, type MessageMiddleware, MessagingModule, type Next, type Work } from '@seam/messaging';
import { postgresStore, transactionWork } from '@seam/messaging/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { ProcessContext, readSettings } from '@seam/process';
import { LocalVerificationKeys } from '@seam/security';
import { startTestServer } from '@seam/persistence/testing';
import { testIdentity } from '@seam/security/testing';
import { productsService } from './products.definition.js';

type Changed = DataOf<typeof ProductChanged>;
let changes: Changed[] = [];

/** What the middleware of the listener has seen, by SKU. */
const passed: string[] = [];
const outcomes: string[] = [];

@Injectable()
class Seen implements MessageMiddleware {
  constructor(private readonly context: ProcessContext) {}

  handle(message: Message, next: Next): Promise<Work> {
    passed.push(`${this.context.settings.transport} ${(message.data as Changed).sku}`);
    return next();
  }
}

const ended: MessageMiddleware = {
  ended: (message, outcome) => void outcomes.push(`${(message.data as Changed).sku} ${outcome}`),
};

@Controller()
class Listener {
  @HandleEvent('listener', ProductChanged)
  record(message: Message<Changed>): Work {
    changes.push(message.data);
    return transactionWork(() => Promise.resolve({ value: undefined, messages: [] }));
  }
}

@Module({
  imports: [
    MessagingModule.forService({
      service: 'listener',
      store: postgresStore({ migrations: [] }),
      middleware: [Seen, ended],
    }),
  ],
  controllers: [Listener],
})
class ListenerModule {}

/** Another service of the process that has a copy of the catalogue. */
const listenerService: ServiceDefinition = { name: 'listener', module: ListenerModule, needs: [] };

let postgres: EmbeddedPostgres;
let running: RunningProcess;
let staff: string;
let customer: string;

async function start(demo: boolean): Promise<void> {
  const identity = await testIdentity();
  const environment = { PORT: '0', SEAM_LOG: 'error', SEAM_DEMO: String(demo), DATABASE_URL: postgres.url('postgres') };
  running = await startProcess({ ...shop, services: [productsService, listenerService] }, readSettings(environment));
  running.app.get(LocalVerificationKeys).use(() => Promise.resolve(identity.jwks));
  staff = await identity.tokenFor({ userId: 's1', role: 'staff', email: 's@b.c' });
  customer = await identity.tokenFor({ userId: 'u1', role: 'customer', email: 'u@b.c' });
}

/** Resolves when the process reports that it is ready, checked in the way of a load balancer. */
async function ready(): Promise<void> {
  while ((await fetch(`${running.url}/health/ready`)).status !== 200);
}

interface Answer {
  status: number;
  body: any;
}

async function call(method: string, path: string, token?: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${running.url}/api/products${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

const price = { amount: 500, currency: 'EUR' };
const putProduct = (sku: string, body: object = {}, token = staff): Promise<Answer> =>
  call('PUT', `/${sku}`, token, { name: 'A thing', price, ...body });
const skus = async (query: string, token?: string): Promise<string[]> => {
  const { body } = await call('GET', `?${query}`, token);
  return body.items.map((item: { sku: string }) => item.sku);
};

beforeAll(async () => {
  postgres = await startTestServer();
  await start(false);
});
beforeEach(() => {
  changes = [];
});
afterAll(async () => {
  await running.close();
  await postgres.stop();
});

describe('PUT /api/products/:sku', () => {
  it('creates a product, which other services know when the answer arrives', async () => {
    const view = { sku: 'NEW-1', name: 'A thing', description: '', price, active: true };
    expect(await putProduct('NEW-1')).toEqual({ status: 201, body: view });
    expect(changes).toEqual([{ ...view, revision: 1 }]);
    expect(await call('GET', '/NEW-1')).toEqual({ status: 200, body: view });
  });

  it('passes the middleware of the service that handles its event, with what Nest injects', async () => {
    await putProduct('SEEN-1');
    const system = running.app.get(ProcessContext, { strict: false }).settings.transport;
    expect(passed.filter((line) => line.endsWith('SEEN-1'))).toEqual([`${system} SEEN-1`]);
    expect(outcomes.filter((line) => line.startsWith('SEEN-1'))).toEqual(['SEEN-1 done']);
  });

  it('changes it, with the next revision', async () => {
    await putProduct('CHANGE-1');
    const changed = await putProduct('CHANGE-1', { name: 'Another', description: 'two\nlines', active: false });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Another', description: 'two\nlines', active: false } });
    expect(changes.map(({ revision, name }) => [revision, name])).toEqual([
      [1, 'A thing'],
      [2, 'Another'],
    ]);
  });

  it('publishes nothing if nothing has changed', async () => {
    await putProduct('SAME-1');
    expect((await putProduct('SAME-1')).status).toBe(200);
    expect(changes).toHaveLength(1);
  });

  it('gives each of many concurrent changes its own revision, publishes them in that order, and creates the product once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => putProduct('RACE-1', { name: `No ${i}` })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(changes.map(({ revision }) => revision)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect((await call('GET', '/RACE-1')).body.name).toBe(changes.at(-1)?.name);
  });

  it.each([
    { name: '' },
    { name: '  ' },
    { name: 'a\u0000b' },
    { name: 'x'.repeat(201) },
    { description: '\ud800' },
    { price: { amount: -1, currency: 'EUR' } },
    { price: { amount: 1.5, currency: 'EUR' } },
    { price: { amount: 1, currency: 'euro' } },
    { active: 'yes' },
    { revision: 7 },
  ])('refuses %j', async (body) => {
    expect(await putProduct('BAD-1', body)).toMatchObject({ status: 400, body: { code: 'REQUEST.INVALID' } });
    expect((await call('GET', '/BAD-1')).status).toBe(404);
  });

  it('refuses a SKU in lower case, and all callers except the staff', async () => {
    expect((await putProduct('mug')).status).toBe(400);
    expect((await putProduct('MUG', {}, customer)).status).toBe(403);
    expect((await call('PUT', '/MUG', undefined, { name: 'A', price })).status).toBe(401);
  });
});

describe('a product that two members of the staff change', () => {
  const send = (method: string, sku: string, headers: Record<string, string>, name = 'A thing'): Promise<Response> =>
    fetch(`${running.url}/api/products/${sku}`, {
      method,
      headers: {
        ...(method === 'PUT' ? { authorization: `Bearer ${staff}`, 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(method === 'PUT' ? { body: JSON.stringify({ name, price }) } : {}),
    });
  const tagOf = async (sku: string): Promise<string> => (await send('GET', sku, {})).headers.get('etag')!;

  it('is changed only from the state that was read, and keeps changes made in between', async () => {
    const created = await send('PUT', 'TAG-1', {});
    const read = await tagOf('TAG-1');
    expect([read, created.headers.get('etag')]).toEqual([expect.stringMatching(/^"/), read]);
    const changed = await send('PUT', 'TAG-1', { 'if-match': read }, 'By Ada');
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, await tagOf('TAG-1')]);
    const stale = await send('PUT', 'TAG-1', { 'if-match': read }, 'By Eve');
    expect([stale.status, await stale.json()]).toEqual([
      412,
      expect.objectContaining({ code: 'REQUEST.PRECONDITION_FAILED' }),
    ]);
    // The content is the one that was read first, but it has changed in between.
    await send('PUT', 'TAG-1', {});
    expect((await send('PUT', 'TAG-1', { 'if-match': read })).status).toBe(412);
    expect(await (await send('GET', 'TAG-1', {})).json()).toMatchObject({ name: 'A thing' });
  });

  it('is changed with * if it exists, and created if it does not', async () => {
    expect((await send('PUT', 'TAG-2', { 'if-match': '*' })).status).toBe(412);
    expect((await send('PUT', 'TAG-2', { 'if-none-match': '*' })).status).toBe(201);
    expect((await send('PUT', 'TAG-2', { 'if-none-match': '*' })).status).toBe(412);
    expect((await send('PUT', 'TAG-2', { 'if-match': '*' })).status).toBe(200);
    expect((await send('PUT', 'TAG-2', { 'if-match': 'untagged' })).status).toBe(400);
  });

  it('accepts one of many concurrent changes', async () => {
    await send('PUT', 'TAG-3', {});
    const read = await tagOf('TAG-3');
    const upTo = Array.from({ length: 10 }, (_, i) => i);
    const changes = await Promise.all(upTo.map((i) => send('PUT', 'TAG-3', { 'if-match': read }, `No ${i}`)));
    const creations = await Promise.all(upTo.map((i) => send('PUT', 'TAG-4', { 'if-none-match': '*' }, `No ${i}`)));
    const count = (answers: Response[], status: number): number =>
      answers.filter((one) => one.status === status).length;
    expect([count(changes, 200), count(changes, 412)]).toEqual([1, 9]);
    expect([count(creations, 201), count(creations, 412)]).toEqual([1, 9]);
  });

  it('is not sent again to a client that has it', async () => {
    await send('PUT', 'TAG-5', {});
    const read = await tagOf('TAG-5');
    const known = await send('GET', 'TAG-5', { 'if-none-match': `"x", ${read}` });
    expect([known.status, known.headers.get('etag'), await known.text()]).toEqual([304, read, '']);
    expect((await send('GET', 'TAG-5', { 'if-none-match': '"x"' })).status).toBe(200);
  });
});

describe('GET /api/products', () => {
  beforeAll(async () => {
    const names = [
      ['S-1', { name: 'Green tea 100%', description: 'Loose_leaf' }],
      ['S-2', { name: 'Teapot', description: String.raw`back\slash` }],
      ['S-3', { name: 'Kettle', description: 'for TEA' }],
      ['S-4', { name: 'Old tea', active: false }],
    ] as const;
    for (const [sku, body] of names) await putProduct(sku, body);
  });

  it.each([
    ['tea', ['S-1', 'S-2', 'S-3']],
    ['TEAPOT', ['S-2']],
    ['s-3', ['S-3']],
    ['100%', ['S-1']],
    ['g%n', []],
    ['%', ['S-1']],
    ['e_l', ['S-1']],
    [String.raw`k\s`, ['S-2']],
    ["'; drop table product; --", []],
  ])('finds %s', async (q, expected) => {
    expect(await skus(`q=${encodeURIComponent(q)}`)).toEqual(expected);
  });

  it('finds text in either form of Unicode, however it was stored', async () => {
    const [composed, decomposed] = ['Gr\u00fcntee-Set', 'Gru\u0308ntee-Set'];
    await putProduct('UNI-1', { name: composed });
    await putProduct('UNI-2', { name: 'Set', description: `${decomposed}, three pieces` });
    for (const q of [composed, decomposed])
      expect(await skus(`q=${encodeURIComponent(q)}`)).toEqual(['UNI-1', 'UNI-2']);
  });

  it('shows products that cannot be ordered only to the staff, and a single one by its SKU to anyone', async () => {
    expect(await skus('q=old', customer)).toEqual([]);
    expect(await skus('q=old', staff)).toEqual(['S-4']);
    expect((await call('GET', '/S-4')).body).toMatchObject({ active: false });
  });

  it('continues where a page ended, even if products are added in between', async () => {
    const first = await call('GET', '?q=s-&limit=2');
    expect(first.body.items.map((item: { sku: string }) => item.sku)).toEqual(['S-1', 'S-2']);
    await putProduct('S-0');
    const second = await call('GET', `?q=s-&limit=2&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({ items: [{ sku: 'S-3' }], nextCursor: null });
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'cursor=!', 'cursor=abc', 'q=%00', 'sort=price', 'q=a&q=b'])(
    'refuses ?%s',
    async (query) => {
      expect(await call('GET', `?${query}`)).toMatchObject({ status: 400, body: { code: 'REQUEST.INVALID' } });
    },
  );

  it('answers 404 for a product that does not exist', async () => {
    expect(await call('GET', '/GHOST')).toMatchObject({ status: 404, body: { code: 'PRODUCT.NOT_FOUND' } });
  });
});

describe('/docs-json', () => {
  it('describes the routes with their answers', async () => {
    const { paths } = (await (await fetch(`${running.url}/docs-json`)).json()) as any;
    expect(Object.keys(paths['/api/products/{sku}'].put.responses)).toEqual([
      '200',
      '201',
      '400',
      '401',
      '403',
      '412',
      '422',
    ]);
    expect(paths['/api/products'].get.parameters.map((p: { name: string }) => p.name).sort()).toEqual([
      'cursor',
      'limit',
      'q',
    ]);
  });
});

describe('the demo shop', () => {
  it('is in the catalogue and known to other services when the process is ready', async () => {
    await running.close();
    await start(true);
    await ready();
    expect(changes.map(({ sku }) => sku).sort()).toEqual(demoShop.map(({ sku }) => sku).sort());
    expect((await call('GET', '/MUG-BLUE')).body).toMatchObject({ price: { amount: 1299, currency: 'EUR' } });
  });

  it('does not overwrite or publish again what the staff have changed', async () => {
    await putProduct('MUG-RED', { name: 'Crimson mug' });
    changes = [];
    await running.close();
    await start(true);
    await ready();
    expect((await call('GET', '/MUG-RED')).body.name).toBe('Crimson mug');
    expect(changes).toEqual([]);
  });
});
