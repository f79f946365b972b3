import { Api } from '../support/api.js';
import { allKept } from '../support/checker.js';
import { dataDirectory, ShopProcess, STAFF } from '../support/shop-process.js';
import { onPostgres } from '../support/stores/postgres-stores.js';

const ROUNDS = 10;
const ORDERS = 200;
/** Mostly accepted cards; the other orders must end as well, whenever the shop is killed. */
const TOKENS = ['tok_visa', 'tok_visa', 'tok_visa', 'tok_visa', 'tok_declined', 'tok_flaky', 'tok_lost', 'tok_down'];
const SKUS = ['MUG-BLUE', 'MUG-RED', 'TEA-ASSAM', 'TEA-SENCHA', 'BEANS-HOUSE', 'FILTER-PAPER'];

const data = dataDirectory();
/** All orders must be in flight when the process is killed, however slow the machine is. */
const env = { SEAM_OVERLOAD_MS: '0' };
const accepted: string[] = [];

/** Sends orders at once; counts the answers; requests without one were interrupted by the kill. */
function flood(api: Api, enough: number): { reached: Promise<void>; done: Promise<unknown> } {
  let answered = 0;
  let reach: () => void;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const orders = Array.from({ length: ORDERS }, async (_, index) => {
    const items = [
      { sku: SKUS[index % SKUS.length]!, quantity: 1 },
      { sku: 'SPOON-OAK', quantity: 1 },
    ];
    const { status, body } = await api.order(TOKENS[index % TOKENS.length]!, items);
    if (status !== 202) throw new Error(`an order came to ${status} ${JSON.stringify(body)}`);
    accepted.push(body.id);
    if (++answered === enough) reach();
  });
  return { reached, done: Promise.allSettled(orders) };
}

const nothingIsLost = (shop: ShopProcess): Promise<unknown> =>
  allKept(() => onPostgres((service) => shop.databaseUrl(service)), accepted, 60_000);

test(`killed ${ROUNDS} times with ${ORDERS} orders in flight, nothing is lost, charged twice or left unfinished`, async () => {
  let shop = await ShopProcess.start({ data, env });
  const staff = await new Api(shop.url).login(STAFF);
  for (const sku of [...SKUS, 'SPOON-OAK']) await staff.post(`/api/inventory/${sku}/receipts`, { quantity: 100_000 });
  for (let round = 1; round <= ROUNDS; round += 1) {
    const customer = await new Api(shop.url).customer();
    const before = accepted.length;
    // At different times, so that orders are in every state.
    const load = flood(customer, Math.round((ORDERS * round) / ROUNDS));
    await load.reached;
    expect(await shop.stop('SIGKILL')).toBe('SIGKILL');
    await load.done;
    expect(accepted.length).toBeGreaterThan(before);
    shop = await ShopProcess.start({ data, env });
    await nothingIsLost(shop);
  }
  expect(accepted.length).toBeGreaterThan(ROUNDS * 20);
  await shop.stop();
}, 600_000);

test('SIGTERM under load loses no accepted order', async () => {
  let shop = await ShopProcess.start({ data, env });
  const customer = await new Api(shop.url).customer();
  const load = flood(customer, 100);
  await load.reached;
  const asked = Date.now();
  expect(await shop.stop('SIGTERM')).toBe(0);
  expect(Date.now() - asked).toBeLessThan(20_000);
  await load.done;
  shop = await ShopProcess.start({ data, env });
  await nothingIsLost(shop);
  await shop.stop();
}, 120_000);
