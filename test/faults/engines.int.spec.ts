import { Logger } from '@nestjs/common';
import { shop } from '@seam/contracts';
import { type RunningProcess, startProcess } from '@seam/host';
import { readSettings } from '@seam/process';
import { canStart, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everythingAt, startGateway } from '../../apps/gateway/src/testing/gateway-rig.js';
import { services } from '../../apps/monolith/src/services.js';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { startTestServer, TcpProxy } from '@seam/persistence/testing';
import { type Answer, Api } from '../support/api.js';
import { ask, type DocumentedRoute, documentedRoutes, WEBHOOK_SECRET } from '../support/documented.js';
import { expectProblem, orderIs } from '../support/shop.js';
import { STAFF } from '../support/shop-process.js';

// A database that is killed, frozen or cut off is 503 STORE.UNAVAILABLE on every route that needs it, within 2 s.

/** 2 s, with a reserve for a busy machine. */
const WITHIN_MS = 3_000;
/** Routes that are answered from memory; all others of an engine's services need the engine. */
const NEED_NO_STORE = ['GET /health/live', 'GET /metrics'];
const WAYS = [
  ['frozen', (proxy: TcpProxy) => proxy.swallowAnswers()],
  ['killed', (proxy: TcpProxy) => proxy.refuse()],
] as const;

interface Asked extends Answer {
  readonly route: DocumentedRoute;
  readonly ms: number;
}

interface Shop {
  readonly process: RunningProcess;
  /** Its log lines at `warn` and above. */
  readonly logged: string[];
  readonly staff: Api;
  readonly routes: readonly DocumentedRoute[];
}

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'seam-engines-'));
});

afterAll(() => rm(directory, { recursive: true }));

async function startShop(env: Readonly<Record<string, string>>): Promise<Shop> {
  const given = { PORT: '0', SEAM_DATA: directory, SEAM_STAFF_PASSWORD: STAFF.password, ...env };
  const settings = readSettings({ ...given, SEAM_WEBHOOK_SECRETS: WEBHOOK_SECRET });
  const process = await startProcess({ ...shop, services }, settings);
  const logged: string[] = [];
  const keep = (...words: unknown[]): void => void logged.push(words.map(String).join(' '));
  Logger.overrideLogger({ log: () => undefined, warn: keep, error: keep, fatal: keep });
  const anonymous = new Api(process.url);
  const staff = await anonymous.login(STAFF);
  const { body } = await staff.order('tok_visa', [{ sku: 'MUG-BLUE', quantity: 1 }]);
  await orderIs(staff, body.id, 'confirmed');
  const routes = await documentedRoutes(anonymous, { orderId: body.id, sagaId: body.sagaId });
  return { process, logged, staff, routes };
}

/** All at once. The duration of each is that beyond the slowest of the concurrent requests that need no store. */
async function askAll(staff: Api, routes: readonly DocumentedRoute[]): Promise<Asked[]> {
  const startedAt = performance.now();
  let machineMs = 0;
  const measure = setInterval(() => {
    const since = performance.now();
    void staff.get('/health/live').then(() => (machineMs = Math.max(machineMs, performance.now() - since)));
  }, 100);
  const asked = await Promise.all(
    routes.map(async (route) => ({ route, ...(await ask(staff, route)), ms: performance.now() - startedAt })),
  );
  clearInterval(measure);
  return asked.map((one) => ({ ...one, ms: one.ms - machineMs }));
}

function expectAway({ route, ms, ...answer }: Asked, codes = ['STORE.UNAVAILABLE']): void {
  try {
    expectProblem(answer, 503, answer.body.code);
    expect(codes).toContain(answer.body.code);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(ms).toBeLessThan(WITHIN_MS);
  } catch (error) {
    throw new Error(`${route.name}: ${JSON.stringify(answer.body)} after ${Math.round(ms)} ms`, { cause: error });
  }
}

/** Each part reports its own state within the time limit. */
async function expectToldOf(staff: Api, services: readonly string[]): Promise<void> {
  const [live, ready, metrics] = await Promise.all(
    ['/health/live', '/health/ready', '/metrics'].map((path) => staff.get(path)),
  );
  expect([live?.status, ready?.status, metrics?.status]).toEqual([200, 503, 200]);
  for (const service of services)
    expect(ready?.body.details).toMatchObject({ [`database:${service}`]: { status: 'down' } });
}

const expectServed = ({ route, status, body }: Asked): void =>
  expect([route.name, status < 500 ? 'served' : body]).toEqual([route.name, 'served']);

const backAgain = (staff: Api, routes: readonly DocumentedRoute[]): Promise<void> =>
  eventually(async () => (await askAll(staff, routes)).forEach(expectServed), { withinMs: 20_000 });

/** Makes an engine unavailable to a shop whose routes all work, and available again. */
async function outage(
  shop: Shop,
  proxy: TcpProxy,
  takeAway: (proxy: TcpProxy) => void,
  hit: readonly string[],
): Promise<void> {
  const { staff, logged, routes } = shop;
  const asks = routes.filter(({ name }) => !NEED_NO_STORE.includes(name) && name !== 'GET /health/ready');
  const isHit = ({ tag }: DocumentedRoute): boolean => hit.includes(tag);
  logged.length = 0;
  takeAway(proxy);
  try {
    // The first requests detect the outage; the second ones are refused at once.
    for (let round = 0; round < 2; round += 1) {
      const asked = await askAll(staff, asks);
      for (const one of asked) if (isHit(one.route)) expectAway(one);
      asked.filter(({ route }) => !isHit(route)).forEach(expectServed);
      expect(asked.filter(({ route }) => isHit(route)).length).toBeGreaterThan(2);
    }
    await expectToldOf(
      staff,
      hit.filter((tag) => !['sagas', 'operations'].includes(tag)),
    );
  } finally {
    proxy.letThrough();
  }
  await backAgain(staff, asks);
  // A charge that was under way is reported by itself: what became of it is unknown.
  const ofOutage = (): string[] => logged.filter((line) => !line.endsWith(' PaymentProvider'));
  await eventually(() => expect(ofOutage()).toHaveLength(2));
  expect(ofOutage()).toEqual([
    expect.stringContaining(' does not answer ('),
    expect.stringMatching(/ answers again after [\d.]+ s; \d+ operations failed/),
  ]);
}

/** Routes for which the gateway itself checks the token, and asks several services. */
const isOfTheGateway = (path: string): boolean => /^\/api\/(?:dead-letters|messages|sagas)\b/.test(path);

describe('a shop on PostgreSQL', () => {
  let server: EmbeddedPostgres;
  let proxy: TcpProxy;
  let shop: Shop;

  beforeAll(async () => {
    server = await startTestServer();
    proxy = await TcpProxy.before(server.url('postgres'));
    shop = await startShop({ DATABASE_URL: proxy.url });
  });

  afterAll(async () => {
    await shop.process.close();
    await proxy.close();
    await server.stop();
  });

  test.each(WAYS)('its server is %s: every route reports that', async (_, takeAway) => {
    await outage(shop, proxy, takeAway, [...new Set(shop.routes.map(({ tag }) => tag))]);
  });

  test('its server is frozen: clients of a gateway see the same, and the breaker later', async () => {
    const gateway = await startGateway(everythingAt(shop.process.url));
    const staff = await new Api(gateway.url).login(STAFF);
    const routes = shop.routes.filter(({ path }) => path.startsWith('/api/') && !isOfTheGateway(path));
    proxy.swallowAnswers();
    (await askAll(staff, routes)).forEach((one) => expectAway(one, ['STORE.UNAVAILABLE', 'GATEWAY.BREAKER_OPEN']));
    await eventually(async () => {
      const asked = await askAll(staff, routes);
      asked.forEach((one) => expectAway(one, ['STORE.UNAVAILABLE', 'GATEWAY.BREAKER_OPEN']));
      expect(asked.map(({ body }) => body.code)).toContain('GATEWAY.BREAKER_OPEN');
    });
    proxy.letThrough();
    await backAgain(staff, routes);
    await gateway.close();
  });
});

/** The services that can use another engine, by its setting, with their routes' tags. */
const OTHERS = [
  ['mongodb', 'MONGODB_URL', ['orders', 'sagas', 'operations']],
  ['redis', 'REDIS_URL', ['inventory', 'operations']],
  ['clickhouse', 'CLICKHOUSE_URL', ['analytics', 'operations']],
] as const;
const here = OTHERS.filter(([name]) => canStart(name));

(here.length === 0 ? describe.skip : describe)('a shop on other engines, too', () => {
  let server: EmbeddedPostgres;
  const engines: OwnEngine[] = [];
  const proxies = new Map<string, TcpProxy>();
  let shop: Shop;

  beforeAll(async () => {
    server = await startTestServer();
    const env: Record<string, string> = { DATABASE_URL: server.url('postgres') };
    await Promise.all(
      here.map(async ([name, setting]) => {
        const engine = await ownEngine(name);
        engines.push(engine);
        const proxy = await TcpProxy.before(engine.url);
        proxies.set(name, proxy);
        env[setting] = proxy.url;
      }),
    );
    shop = await startShop(env);
  });

  afterAll(async () => {
    await shop.process.close();
    for (const proxy of proxies.values()) await proxy.close();
    await Promise.all([server.stop(), ...engines.map((engine) => engine.remove())]);
  });

  describe.each(WAYS)('%s', (_, takeAway) => {
    test.each(here)('%s: its services’ routes report that, and no others do', async (name, _setting, tags) => {
      // Set aside is what `orders` has; dead letters and outboxes are of every service, but for an outbox in ClickHouse.
      const isOfOthers = (path: string): boolean =>
        (name !== 'mongodb' && path.startsWith('/api/set-aside')) ||
        (name === 'clickhouse' && path.startsWith('/api/messages/outbox'));
      const routes = shop.routes.filter(({ path }) => !isOfOthers(path));
      await outage({ ...shop, routes }, proxies.get(name)!, takeAway, tags);
    });
  });
});
