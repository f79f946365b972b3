import { pause } from '@seam/kernel';
import { eventually } from '@seam/testing';
import { Api } from '../support/api.js';
import { allKept } from '../support/checker.js';
import { ShopProcess, STAFF } from '../support/shop-process.js';
import { onPostgres } from '../support/stores/postgres-stores.js';

const CLIENTS = 400;
const SKUS = ['MUG-BLUE', 'MUG-RED', 'TEA-ASSAM', 'TEA-SENCHA'];
/** The limit is a fifth of a second, so that this many orders exceed it also on a fast machine. */
const BACKLOG_MS = 200;
/** Much sooner than their `Retry-After`. */
const AGAIN_MS = 200;

interface Flood {
  readonly accepted: string[];
  /** The reasons of the others, each with its number. */
  readonly refused: Map<string, number>;
}

/** Each client places one order after the other, also after a refusal, until it is stopped. */
async function flood(customer: Api, clients: number, goesOn: (soFar: Flood) => boolean): Promise<Flood> {
  const flood: Flood = { accepted: [], refused: new Map() };
  const client = async (name: number): Promise<void> => {
    for (let order = 0; goesOn(flood); order += 1) {
      const items = [{ sku: SKUS[(name + order) % SKUS.length]!, quantity: 1 }];
      const { status, body, headers } = await customer.order('tok_visa', items);
      if (status === 202) flood.accepted.push(body.id);
      else {
        const why = `${status} ${body.code}, ${Number(headers.get('retry-after')) >= 2 ? 'Retry-After' : 'at no time'}`;
        flood.refused.set(why, (flood.refused.get(why) ?? 0) + 1);
        await pause(AGAIN_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, name) => client(name)));
  return flood;
}

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, one) => total + one, 0);

async function countedAsRefused(api: Api): Promise<number> {
  const { body } = await api.get('/metrics');
  const counts = String(body).matchAll(/^seam_http_overload_refused_total\{reason="[a-z-]+"\} (\d+)$/gm);
  return sum([...counts].map(([, count]) => Number(count)));
}

async function stocked(url: string): Promise<Api> {
  const staff = await new Api(url).login(STAFF);
  for (const sku of SKUS) await staff.post(`/api/inventory/${sku}/receipts`, { quantity: 100_000 });
  return staff;
}

test('more orders than it can process: some are refused, with `Retry-After`, and no accepted one is lost', async () => {
  const shop = await ShopProcess.start({ env: { SEAM_BACKLOG_MS: String(BACKLOG_MS), SEAM_LOG: 'error' } });
  const staff = await stocked(shop.url);
  const customer = await new Api(shop.url).customer();
  const [own] = (await flood(customer, 1, ({ accepted }) => accepted.length < 1)).accepted;
  const others: string[] = [];
  let flooding = true;
  /** Routes that are never refused, and routes that create no work, during the overload. */
  const answered = async (): Promise<void> => {
    const guest = new Api(shop.url);
    while (flooding) {
      others.push(`live ${(await guest.get('/health/live')).status}`);
      others.push(`metrics ${(await guest.get('/metrics')).status}`);
      others.push(`receipt ${(await staff.post('/api/inventory/MUG-BLUE/receipts', { quantity: 1 })).status}`);
      others.push(`login ${(await guest.post('/api/auth/login', STAFF)).status}`);
      others.push(`order ${(await customer.get(`/api/orders/${own}`)).status}`);
    }
  };
  const answering = answered();
  const until = Date.now() + 120_000;
  const enough = ({ accepted, refused }: Flood): boolean => accepted.length >= 1_000 && sum(refused.values()) >= 1_000;
  const { accepted, refused } = await flood(customer, CLIENTS, (soFar) => !enough(soFar) && Date.now() < until);
  flooding = false;
  await answering;
  expect([...refused.keys()]).toEqual(['503 SERVICE.OVERLOADED, Retry-After']);
  expect(accepted.length).toBeGreaterThanOrEqual(1_000);
  expect(new Set(others)).toEqual(new Set(['live 200', 'metrics 200', 'receipt 201', 'login 200', 'order 200']));
  expect(await countedAsRefused(new Api(shop.url))).toBe(sum(refused.values()));
  await allKept(() => onPostgres((service) => shop.databaseUrl(service)), [own!, ...accepted], 120_000);
  await eventually(async () =>
    expect((await customer.order('tok_visa', [{ sku: 'MUG-BLUE', quantity: 1 }])).status).toBe(202),
  );
  expect(await shop.stop()).toBe(0);
}, 360_000);

test('as many orders at a time as it can process: none is refused', async () => {
  const shop = await ShopProcess.start({ env: { SEAM_LOG: 'error' } });
  await stocked(shop.url);
  const customer = await new Api(shop.url).customer();
  const { refused } = await flood(customer, 32, ({ accepted }) => accepted.length < 1_000);
  expect(refused).toEqual(new Map());
  expect(await countedAsRefused(new Api(shop.url))).toBe(0);
  expect(await shop.stop()).toBe(0);
}, 120_000);
