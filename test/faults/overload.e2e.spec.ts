import { Api } from '../support/api.js';
import { allKept } from '../support/checker.js';
import { ShopProcess, STAFF } from '../support/shop-process.js';
import { onPostgres } from '../support/stores/postgres-stores.js';

const CLIENTS = 400;
const ORDERS_EACH = 5;
const SKUS = ['MUG-BLUE', 'MUG-RED', 'TEA-ASSAM', 'TEA-SENCHA'];

test('more orders than it can take: some are refused, with the word to come again, and none that it took is lost', async () => {
  const shop = await ShopProcess.start({ env: { SEAM_OVERLOAD_MS: '20', SEAM_LOG: 'error' } });
  const staff = await new Api(shop.url).login(STAFF);
  for (const sku of SKUS) await staff.post(`/api/inventory/${sku}/receipts`, { quantity: 100_000 });
  const customer = await new Api(shop.url).customer();
  const accepted: string[] = [];
  const refused = new Map<string, number>();
  const healths: number[] = [];
  const client = async (name: number): Promise<void> => {
    for (let order = 0; order < ORDERS_EACH; order += 1) {
      const items = [{ sku: SKUS[(name + order) % SKUS.length]!, quantity: 1 }];
      const { status, body, headers } = await customer.order('tok_visa', items);
      if (status === 202) accepted.push(body.id);
      else {
        const why = `${status} ${body.code}, Retry-After ${headers.get('retry-after')}`;
        refused.set(why, (refused.get(why) ?? 0) + 1);
      }
      if (name % 40 === 0) healths.push((await new Api(shop.url).get('/health/live')).status);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, name) => client(name)));
  expect([...refused.keys()]).toEqual(['503 SERVICE.OVERLOADED, Retry-After 2']);
  expect(accepted.length).toBeGreaterThan(CLIENTS / 4);
  expect(new Set(healths)).toEqual(new Set([200]));
  await allKept(() => onPostgres((service) => shop.databaseUrl(service)), accepted, 120_000);
  const { body } = await new Api(shop.url).get('/metrics');
  const counted = /^seam_http_overload_refused_total (\d+)$/m.exec(String(body))?.[1];
  expect(Number(counted)).toBe([...refused.values()].reduce((sum, one) => sum + one, 0));
  expect((await customer.order('tok_visa', [{ sku: 'MUG-BLUE', quantity: 1 }])).status).toBe(202);
  expect(await shop.stop()).toBe(0);
}, 240_000);
