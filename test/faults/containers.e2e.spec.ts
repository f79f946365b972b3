import { jest } from '@jest/globals';
import { eventually } from '@seam/testing';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { Api } from '../support/api.js';
import { ComposeShop, missingEngines } from '../support/compose-shop.js';
import { faultRun } from '../support/fault-run.js';

/** The first build of the image installs its packages. */
jest.setTimeout(900_000);

/** How long a container is stopped. */
const AWAY_MS = 30_000;
const ENGINE_AWAY_MS = 60_000;
/** As fast as possible, and then slowly, so that the work left when a fault is over is done in seconds. */
const flood = 1_500;

const missing = missingEngines();
if (missing.length > 0)
  test.skip(`containers that are killed: no Docker, or no image of ${missing.join(', ')}`, () => undefined);

const pause = (ms: number): Promise<void> => new Promise((over) => setTimeout(over, ms));
const healthy = (shop: ComposeShop, ...services: string[]): Promise<string> =>
  shop.compose('up', '-d', '--wait', '--no-deps', '--no-recreate', ...services);

const QUEUE = 'seam.notifications';
/** The names of the accounts of {@link bundle}. */
const BUNDLE = 'B';

/** Like a tool of an operator, or another program, that is connected to the shop's broker. */
async function atBroker(shop: ComposeShop, work: (connection: ChannelModel) => Promise<void>): Promise<void> {
  const connection = await connect((await shop.engineUrls())('RABBITMQ_URL'));
  // If the broker ends it, its pending calls fail with an error.
  connection.on('error', () => undefined);
  try {
    await work(connection);
  } finally {
    await connection.close().catch(() => undefined);
  }
}

/** A message that another program might send to a service: rejects if the broker refuses it, which ends the channel. */
async function send(channel: ConfirmChannel, packet: object): Promise<void> {
  const ended = new Promise<never>((_, reject) => channel.once('error', reject));
  channel.sendToQueue(QUEUE, Buffer.from(JSON.stringify(packet)), { persistent: true });
  await Promise.race([channel.waitForConfirms(), ended]);
}

const BUNDLED = 20_000;

/** This number of new accounts, in a single message of the broker, which accepts at most 4 MiB. */
function bundle(): object {
  const from = { source: '', correlationId: '', at: '' };
  const event = { type: 'users.user-registered.v1', kind: 'event', ...from };
  const account = { email: 'a@b.cd', name: BUNDLE, role: 'customer' };
  const events = Array.from({ length: BUNDLED }, (_, n) => ({
    id: randomUUID(),
    ...event,
    data: { userId: `${n}`, ...account },
  }));
  return { pattern: 'seam.bundle.v1', data: events };
}

/** The accounts of {@link bundle} that `notifications` has taken. */
async function bundledAccounts(shop: ComposeShop): Promise<number> {
  const count = `select count(*) from recipient where name = '${BUNDLE}'`;
  const psql = ['psql', '-U', 'seam', '-d', 'seam_notifications', '-Atc', count];
  return Number(await shop.compose('exec', '-T', 'postgres', ...psql));
}

/** The messages of a queue, including those that are delivered and not acknowledged. */
async function messagesIn(shop: ComposeShop, queue: string): Promise<number | undefined> {
  const list = ['rabbitmqctl', '--quiet', 'list_queues', 'name', 'messages', '--formatter', 'json'];
  const queues = JSON.parse(await shop.compose('exec', '-T', 'rabbitmq', ...list)) as {
    name: string;
    messages: number;
  }[];
  return queues.find(({ name }) => name === queue)?.messages;
}

/** Each on a separate shop: the thousands of orders of the tests before would make every check slower. */
function inContainers(what: string, tests: (shop: () => ComposeShop) => void): void {
  (missing.length > 0 ? describe.skip : describe)(`in containers, with orders in flight: ${what}`, () => {
    let shop: ComposeShop;

    beforeAll(async () => {
      shop = await ComposeShop.up({ engines: true });
    });

    afterAll(async () => {
      await shop.down();
    });

    tests(() => shop);
  });
}

inContainers('the broker', (of) => {
  test('is restarted five times: no message becomes a dead letter', async () => {
    const shop = of();
    await faultRun(shop, { flood }, async () => {
      for (let restarts = 0; restarts < 5; restarts += 1) {
        await shop.compose('restart', '-t', '5', 'rabbitmq');
        await healthy(shop, 'rabbitmq');
        await pause(2_000);
      }
    });
  });

  test('is stopped for 60 s: orders are accepted meanwhile, also by a service that starts then', async () => {
    const shop = of();
    // More messages wait meanwhile, and are sent at once afterwards, than the broker's clients could keep in memory.
    await faultRun(shop, { flood: 2 * flood }, async ({ load }) => {
      await shop.compose('kill', 'rabbitmq');
      const before = load.accepted.length;
      await pause(ENGINE_AWAY_MS);
      expect(load.accepted.length).toBeGreaterThan(before + 200);
      await shop.compose('kill', 'orders');
      await shop.compose('start', 'orders');
      await healthy(shop, 'orders');
      const restarted = load.accepted.length;
      await eventually(() => expect(load.accepted.length).toBeGreaterThan(restarted), { withinMs: 30_000 });
      await shop.compose('start', 'rabbitmq');
      await healthy(shop, 'rabbitmq');
    });
  });

  test('is out of memory, and consumers die: their messages do not become dead letters', async () => {
    const shop = of();
    const watermark = (...limit: string[]): Promise<string> =>
      shop.compose('exec', '-T', 'rabbitmq', 'rabbitmqctl', 'set_vm_memory_high_watermark', ...limit);
    const status = await shop.compose('exec', '-T', 'rabbitmq', 'rabbitmqctl', 'status', '--formatter', 'json');
    expect(JSON.parse(status)).toMatchObject({ vm_memory_high_watermark_limit: 600 * 2 ** 20 });
    await faultRun(shop, { flood }, async () => {
      await watermark('0.0001');
      for (let kills = 0; kills < 3; kills += 1) {
        await shop.compose('kill', 'payments', 'inventory');
        await shop.compose('start', 'payments', 'inventory');
        await healthy(shop, 'payments', 'inventory');
      }
      await watermark('absolute', '600MiB');
    });
  });

  test('loses a binding repeatedly: every event arrives', async () => {
    const shop = of();
    await atBroker(shop, async (connection) => {
      const channel = await connection.createChannel();
      await faultRun(shop, { flood }, async () => {
        for (let losses = 0; losses < 5; losses += 1) {
          // Its only subscriber: the checker finds every order that analytics did not receive.
          await channel.unbindQueue('seam.analytics', 'seam.events', 'orders.order-placed.v1');
          await pause(2_000);
        }
      });
    });
  });

  test('refuses messages that are too long, and delivers a bundle of 20,000: no consumer dies, and all are handled', async () => {
    const shop = of();
    const before = await shop.starts('notifications');
    await atBroker(shop, (connection) =>
      faultRun(shop, { flood }, async () => {
        const refused = await connection.createConfirmChannel();
        const long = { pattern: 'users.user-registered.v1', data: 'x'.repeat(15_000_000) };
        await expect(send(refused, long)).rejects.toThrow(/larger than/);
        const channel = await connection.createConfirmChannel();
        await send(channel, bundle());
        await eventually(async () => expect(await bundledAccounts(shop)).toBe(BUNDLED), { withinMs: 120_000 });
      }),
    );
    await eventually(async () => expect(await messagesIn(shop, QUEUE)).toBe(0), { withinMs: 30_000 });
    expect(await shop.starts('notifications')).toBe(before);
  });
});

inContainers('engines and services', (of) => {
  test.each([
    ['postgres', 'kill', 'start'],
    ['redis', 'pause', 'unpause'],
    ['clickhouse', 'kill', 'start'],
    ['mongo', 'pause', 'unpause'],
  ])('%s is away for 60 s (%s): no message is given up', async (engine, takeAway, putBack) => {
    const shop = of();
    await faultRun(shop, { flood }, async () => {
      await shop.compose(takeAway, engine);
      await pause(ENGINE_AWAY_MS);
      await shop.compose(putBack, engine);
    });
  });

  test.each(['consul', 'payments'])('%s is killed, and stopped for 30 s: all others answer', async (container) => {
    const shop = of();
    await faultRun(shop, { flood }, async () => {
      await shop.compose('kill', container);
      await pause(AWAY_MS);
      expect((await new Api(shop.url).get('/api/products')).status).toBe(200);
      await shop.compose('start', container);
    });
  });
});
