import { Controller, Module } from '@nestjs/common';
import { type DataOf, demoShop, ProductChanged } from '@seam/contracts';
import {
  readSettings,
  type RunningProcess,
  type ServiceDefinition,
  ServiceModule,
  startProcess,
  postgresStore,
} from '@seam/host';
import type { Message } from '@seam/kernel';
import { HandleEvent, transactionWork, type Work } from '@seam/messaging';
import type { EmbeddedPostgres } from '@seam/persistence';
import { LocalVerificationKeys } from '@seam/security';
import { startTestServer } from '../../../libs/persistence/src/testing/index.js';
import { testIdentity } from '../../../libs/security/src/testing/index.js';
import { productsService } from './products.definition.js';

type Changed = DataOf<typeof ProductChanged>;
let heard: Changed[] = [];

@Controller()
class Listener {
  @HandleEvent('listener', ProductChanged)
  hear(message: Message<Changed>): Work {
    heard.push(message.data);
    return transactionWork(() => Promise.resolve({ value: undefined, messages: [] }));
  }
}

@Module({
  imports: [ServiceModule.register({ service: 'listener', store: postgresStore({ migrations: [] }) })],
  controllers: [Listener],
})
class ListenerModule {}

/** Another service of the process, which keeps a copy of the catalogue. */
const listenerService: ServiceDefinition = { name: 'listener', module: ListenerModule, needs: [] };

let postgres: EmbeddedPostgres;
let running: RunningProcess;
let staff: string;
let customer: string;

async function start(demo: boolean): Promise<void> {
  const identity = await testIdentity();
  const environment = { PORT: '0', SEAM_LOG: 'error', SEAM_DEMO: String(demo), DATABASE_URL: postgres.url('postgres') };
  running = await startProcess([productsService, listenerService], readSettings(environment));
  running.app.get(LocalVerificationKeys).use(() => Promise.resolve(identity.jwks));
  staff = await identity.tokenFor({ userId: 's1', role: 'staff', email: 's@b.c' });
  customer = await identity.tokenFor({ userId: 'u1', role: 'customer', email: 'u@b.c' });
}

/** Resolves when the process says that it is ready, as a load balancer would ask it. */
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
  heard = [];
});
afterAll(async () => {
  await running.close();
  await postgres.stop();
});

describe('PUT /api/products/:sku', () => {
  it('creates a product, which other services know when the answer arrives', async () => {
    const view = { sku: 'NEW-1', name: 'A thing', description: '', price, active: true };
    expect(await putProduct('NEW-1')).toEqual({ status: 201, body: view });
    expect(heard).toEqual([{ ...view, revision: 1 }]);
    expect(await call('GET', '/NEW-1')).toEqual({ status: 200, body: view });
  });

  it('changes it, as its next revision', async () => {
    await putProduct('CHANGE-1');
    const changed = await putProduct('CHANGE-1', { name: 'Another', description: 'two\nlines', active: false });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Another', description: 'two\nlines', active: false } });
    expect(heard.map(({ revision, name }) => [revision, name])).toEqual([
      [1, 'A thing'],
      [2, 'Another'],
    ]);
  });

  it('tells nobody where nothing has changed', async () => {
    await putProduct('SAME-1');
    expect((await putProduct('SAME-1')).status).toBe(200);
    expect(heard).toHaveLength(1);
  });

  it('gives each of many changes at once a revision of its own, and creates once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => putProduct('RACE-1', { name: `No ${i}` })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(heard.map(({ revision }) => revision).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    const newest = heard.find(({ revision }) => revision === 20);
    expect((await call('GET', '/RACE-1')).body.name).toBe(newest?.name);
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

  it('refuses a SKU in lower case, and anyone but staff', async () => {
    expect((await putProduct('mug')).status).toBe(400);
    expect((await putProduct('MUG', {}, customer)).status).toBe(403);
    expect((await call('PUT', '/MUG', undefined, { name: 'A', price })).status).toBe(401);
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

  it('shows those that cannot be ordered to staff only, and one by its SKU to anyone', async () => {
    expect(await skus('q=old', customer)).toEqual([]);
    expect(await skus('q=old', staff)).toEqual(['S-4']);
    expect((await call('GET', '/S-4')).body).toMatchObject({ active: false });
  });

  it('goes on where a page ended, though products come in between', async () => {
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

  it('answers 404 for a product there is not', async () => {
    expect(await call('GET', '/GHOST')).toMatchObject({ status: 404, body: { code: 'PRODUCT.NOT_FOUND' } });
  });
});

describe('/docs-json', () => {
  it('describes the routes with their answers', async () => {
    const { paths } = (await (await fetch(`${running.url}/docs-json`)).json()) as any;
    expect(Object.keys(paths['/api/products/{sku}'].put.responses)).toEqual(['200', '201', '400', '401', '403']);
    expect(paths['/api/products'].get.parameters.map((p: { name: string }) => p.name).sort()).toEqual([
      'cursor',
      'limit',
      'q',
    ]);
  });
});

describe('the demo shop', () => {
  it('is in the catalogue and known to the others once the process is ready', async () => {
    await running.close();
    await start(true);
    await ready();
    expect(heard.map(({ sku }) => sku).sort()).toEqual(demoShop.map(({ sku }) => sku).sort());
    expect((await call('GET', '/MUG-BLUE')).body).toMatchObject({ price: { amount: 1299, currency: 'EUR' } });
  });

  it('does not take back what staff has changed, nor tell it again', async () => {
    await putProduct('MUG-RED', { name: 'Crimson mug' });
    heard = [];
    await running.close();
    await start(true);
    await ready();
    expect((await call('GET', '/MUG-RED')).body.name).toBe('Crimson mug');
    expect(heard).toEqual([]);
  });
});
