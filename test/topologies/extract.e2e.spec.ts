import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { canStart, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { Api } from '../support/api.js';
import { allKept } from '../support/checker.js';
import { freePort } from '../support/free-port.js';
import { OrderLoad } from '../support/order-load.js';
import { ShopProcess, STAFF } from '../support/shop-process.js';
import { onPostgres } from '../support/stores/postgres-stores.js';

const run = promisify(execFile);
const shell = async (script: string): Promise<string> => (await run('bash', ['-euo', 'pipefail', '-c', script])).stdout;
const REST = 'users,products,orders,payments,notifications,analytics';

const possible = canStart('rabbitmq') && canStart('postgres');

/** The steps of docs/extract.md, while orders are placed all the time. */
(possible ? describe : describe.skip)('inventory leaves the running monolith, and comes back', () => {
  let here: OwnEngine;
  let there: OwnEngine;
  let broker: OwnEngine;
  let ports: { shop: number; monolith: number; inventory: number };
  let monolith: ShopProcess | undefined;
  let gateway: ShopProcess | undefined;
  let inventory: ShopProcess | undefined;
  let load: OrderLoad;
  /** The server of inventory's database. */
  let stockOn: OwnEngine;

  const start = (env: Record<string, string>, app = 'monolith'): Promise<ShopProcess> =>
    ShopProcess.start({ env, app });
  const hostOf = (port: number): string => `http://127.0.0.1:${port}`;
  const startMonolith = (env: Record<string, string>): Promise<ShopProcess> =>
    start({ DATABASE_URL: here.url, PORT: String(ports.monolith), ...env });
  const startInventory = (server: OwnEngine): Promise<ShopProcess> =>
    start({
      SEAM_SERVICES: 'inventory',
      PORT: String(ports.inventory),
      DATABASE_URL: server.url,
      RABBITMQ_URL: broker.url,
      SEAM_PEERS: `users=${hostOf(ports.monolith)}`,
    });
  const startGateway = (inventoryAt: number): Promise<ShopProcess> => {
    const peers = REST.split(',').map((service) => `${service}=${hostOf(ports.monolith)}`);
    const SEAM_PEERS = [...peers, `inventory=${hostOf(inventoryAt)}`].join();
    return start({ PORT: String(ports.shop), SEAM_PEERS }, 'gateway');
  };
  const moveStock = async (from: OwnEngine, to: OwnEngine): Promise<void> => {
    const psql = (server: OwnEngine): string => `docker exec -i ${server.container} psql -q -v ON_ERROR_STOP=1 -U seam`;
    await shell(`${psql(to)} -d postgres -c 'create database seam_inventory'`);
    await shell(
      `docker exec ${from.container} pg_dump -U seam seam_inventory | ${psql(to)} -d seam_inventory > /dev/null`,
    );
    await shell(`${psql(from)} -d postgres -c 'alter database seam_inventory rename to seam_inventory_moved'`);
    stockOn = to;
  };
  /** Orders are confirmed again, and all accepted ones have ended correctly. */
  const allIsWell = async (): Promise<void> => {
    const before = load.accepted.length;
    await eventually(() => expect(load.accepted.length).toBeGreaterThan(before + 20), { withinMs: 30_000 });
    await load.pause();
    const databaseOf = (service: string): string => {
      const url = new URL(service === 'inventory' ? stockOn.url : here.url);
      url.pathname = `/seam_${service}`;
      return url.href;
    };
    await allKept(() => onPostgres(databaseOf), load.accepted, 60_000);
    load.resume();
  };

  beforeAll(async () => {
    [here, there, broker] = await Promise.all([ownEngine('postgres'), ownEngine('postgres'), ownEngine('rabbitmq')]);
    stockOn = here;
    ports = { shop: await freePort(), monolith: await freePort(), inventory: await freePort() };
    monolith = await startMonolith({ PORT: String(ports.shop) });
    const staff = await new Api(hostOf(ports.shop)).login(STAFF);
    for (const sku of OrderLoad.skus) await staff.post(`/api/inventory/${sku}/receipts`, { quantity: 100_000 });
    load = await OrderLoad.start(hostOf(ports.shop));
    await allIsWell();
  }, 120_000);

  afterAll(async () => {
    await load.stop();
    await Promise.all([monolith, gateway, inventory].map(async (process) => process?.stop()));
    await Promise.all([here.remove(), there.remove(), broker.remove()]);
  }, 60_000);

  test('1. the broker carries the messages, and a gateway is in front of the monolith', async () => {
    expect(await monolith?.stop()).toBe(0);
    monolith = await startMonolith({ RABBITMQ_URL: broker.url });
    gateway = await startGateway(ports.monolith);
    await allIsWell();
  }, 120_000);

  test('2. inventory runs beside the monolith, on the same database, and then alone', async () => {
    inventory = await startInventory(here);
    expect(await gateway?.stop()).toBe(0);
    gateway = await startGateway(ports.inventory);
    expect(await monolith?.stop()).toBe(0);
    monolith = await startMonolith({ RABBITMQ_URL: broker.url, SEAM_SERVICES: REST });
    await allIsWell();
  }, 120_000);

  test('3. its data move to another server: orders are accepted meanwhile', async () => {
    const [failed, accepted] = [load.failed, load.accepted.length];
    expect(await inventory?.stop()).toBe(0);
    await moveStock(here, there);
    inventory = await startInventory(there);
    await allIsWell();
    expect(load.failed).toBe(failed);
    expect(load.accepted.length).toBeGreaterThan(accepted + 20);
  }, 120_000);

  test('4. it moves back into the monolith', async () => {
    expect(await inventory?.stop()).toBe(0);
    await shell(
      `docker exec ${here.container} psql -U seam -d postgres -c 'drop database seam_inventory_moved' > /dev/null`,
    );
    await moveStock(there, here);
    expect(await monolith?.stop()).toBe(0);
    monolith = await startMonolith({ RABBITMQ_URL: broker.url });
    expect(await gateway?.stop()).toBe(0);
    gateway = await startGateway(ports.monolith);
    await allIsWell();
  }, 120_000);

  test('5. the broker is removed, once its queues are empty', async () => {
    await load.pause();
    await eventually(
      async () => {
        const waiting = await shell(
          `docker exec ${broker.container} rabbitmqctl -q --no-table-headers list_queues messages`,
        );
        expect(waiting.split('\n').filter((count) => !['', '0'].includes(count.trim()))).toEqual([]);
      },
      { withinMs: 30_000 },
    );
    expect(await gateway?.stop()).toBe(0);
    expect(await monolith?.stop()).toBe(0);
    monolith = await startMonolith({ PORT: String(ports.shop) });
    load.resume();
    await allIsWell();
  }, 120_000);
});
