import { jest } from '@jest/globals';
import { newId } from '@seam/kernel';
import pg from 'pg';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { CLAIM } from '../adapters/postgres-mail-queue.js';
import { DELIVERY_ATTEMPTS } from '../domain/delivery.js';
import { NotificationsRig } from '../testing/notifications-rig.js';

describe('notifications', () => {
  let server: Awaited<ReturnType<typeof startTestServer>>;
  let rig: NotificationsRig;
  const user = 'user-1';

  beforeAll(async () => {
    server = await startTestServer();
  });
  beforeEach(async () => {
    rig = await NotificationsRig.open(await createTestDatabase(server, 'notifications'));
  });
  afterEach(() => rig.database.close());
  afterAll(() => server.stop());

  it('queues a burst with one statement, takes it with one and settles it with one', async () => {
    await rig.register(user, 'ada@example.com');
    const orders = Array.from({ length: 150 }, () => newId());
    const mailer = rig.mailer();
    const query = jest.spyOn(pg.Client.prototype, 'query');
    await Promise.all(orders.map((orderId) => rig.send(orderId, user)));
    expect(await mailer.deliver()).toBe(150);
    const sent = query.mock.calls.map(([statement]) => statement as unknown as string | { name?: string });
    query.mockRestore();
    const names = sent.map((statement) => (typeof statement === 'string' ? statement : statement.name));
    const settling = [expect.stringMatching(/^begin; set local/), 'notifications_settle', 'commit'];
    expect(names).toEqual([expect.stringMatching(/^seam_commit_/), 'notifications_claim', ...settling]);
    expect(rig.replies).toBe(150);
    expect(rig.mailbox.mails).toHaveLength(150);
  });

  it('leaves free space in each page for the leases, which then touch no index', async () => {
    await Promise.all(Array.from({ length: 200 }, () => rig.send(newId(), user)));
    const taken = await rig.explained(CLAIM, [200]);
    // Each row is locked and updated; a page that is full would cost it an entry in each index.
    expect(taken.rows).toBe(200);
    expect(taken.walRecords).toBeLessThan(2.5 * 200);
  });

  it('sends an e-mail once, however often it is ordered, and answers each time', async () => {
    await rig.register(user, 'ada@example.com');
    const orderId = newId();
    await Promise.all([rig.send(orderId, user), rig.send(orderId, user)]);
    await rig.mailer().deliver();
    await rig.send(orderId, user);
    expect(await rig.mailer().deliver()).toBe(0);
    expect(rig.mailbox.mails).toEqual([
      expect.objectContaining({ to: 'ada@example.com', subject: `Your order ${orderId} is confirmed` }),
    ]);
    expect(rig.replies).toBe(3);
  });

  it('sends an e-mail once if the same message arrives twice, at once and at every later stage, without an inbox mark', async () => {
    await rig.register(user, 'ada@example.com');
    const orderId = newId();
    const message = rig.sendMessage(orderId, user);
    const marks = (): Promise<unknown[]> => rig.database.query('select from inbox where message_id = $1', [message.id]);
    await Promise.all([rig.deliver(message), rig.deliver(message)]);
    await rig.deliver(message);
    await rig.mailer().deliver();
    await rig.deliver(message);
    expect(await rig.mailer().deliver()).toBe(0);
    await rig.cancel(orderId, user);
    await rig.deliver(message);
    expect(await rig.mailer().deliver()).toBe(0);
    expect(rig.mailbox.mails).toHaveLength(1);
    expect(await rig.status(orderId)).toMatchObject({ status: 'sent' });
    expect(await marks()).toEqual([]);
  });

  it('does not send a cancelled one if its message arrives again', async () => {
    await rig.register(user, 'ada@example.com');
    const orderId = newId();
    const message = rig.sendMessage(orderId, user);
    await rig.deliver(message);
    await rig.cancel(orderId, user);
    await rig.deliver(message);
    expect(await rig.mailer().deliver()).toBe(0);
    expect(await rig.status(orderId)).toMatchObject({ status: 'cancelled' });
  });

  it.each(['cancelled after it was queued', 'cancelled before', 'cancelled in the same batch'])(
    'does not send one %s',
    async (when) => {
      await rig.register(user, 'ada@example.com');
      const orderId = newId();
      if (when === 'cancelled in the same batch')
        await Promise.all([rig.send(orderId, user), rig.cancel(orderId, user)]);
      else if (when === 'cancelled before') await rig.cancel(orderId, user).then(() => rig.send(orderId, user));
      else await rig.send(orderId, user).then(() => rig.cancel(orderId, user));
      expect(await rig.mailer().deliver()).toBe(0);
      expect(await rig.status(orderId)).toMatchObject({ status: 'cancelled' });
      expect(rig.replies).toBe(2);
      expect(await rig.list.of(user, 10)).toEqual([]);
    },
  );

  it('does not change a sent one when it is cancelled', async () => {
    await rig.register(user, 'ada@example.com');
    const orderId = newId();
    await rig.send(orderId, user);
    await rig.mailer().deliver();
    await rig.cancel(orderId, user);
    expect(await rig.status(orderId)).toMatchObject({ status: 'sent' });
  });

  it('waits for an unknown user, and sends as soon as the user is known', async () => {
    const orderId = newId();
    await rig.send(orderId, user);
    expect(await rig.mailer().deliver()).toBe(1);
    expect(await rig.mailer().deliver()).toBe(0);
    expect(await rig.status(orderId)).toEqual({ status: 'queued', attempts: 0 });
    await rig.register(user, 'ada@example.com');
    expect(await rig.mailer().deliver()).toBe(1);
    expect(rig.mailbox.mails).toHaveLength(1);
  });

  it('retries a failing one separately, and finally gives it up', async () => {
    await rig.register(user, 'ada@example.com');
    await rig.register('user-2', 'bad@example.com');
    rig.mailbox.failing = ({ to }) => to === 'bad@example.com';
    const [good, bad] = [newId(), newId()] as const;
    await Promise.all([rig.send(good, user), rig.send(bad, 'user-2')]);
    expect(await rig.mailer().deliver()).toBe(2);
    expect(await rig.status(good)).toEqual({ status: 'sent', attempts: 0 });
    expect(await rig.status(bad)).toEqual({ status: 'queued', attempts: 1 });
    expect(await rig.mailer().deliver()).toBe(0);
    for (let attempt = 2; attempt <= DELIVERY_ATTEMPTS; attempt += 1) {
      await rig.allDue();
      await rig.mailer().deliver();
    }
    expect(await rig.status(bad)).toEqual({ status: 'failed', attempts: DELIVERY_ATTEMPTS });
    expect(rig.mailbox.mails).toHaveLength(1);
  });

  it('is not sent twice by two mailers at once', async () => {
    await rig.register(user, 'ada@example.com');
    await Promise.all(Array.from({ length: 60 }, () => rig.send(newId(), user)));
    const sizes = await Promise.all([rig.mailer({ batch: 40 }).deliver(), rig.mailer({ batch: 40 }).deliver()]);
    await rig.mailer().deliver();
    expect(sizes.reduce((a, b) => a + b)).toBeLessThanOrEqual(60);
    expect(new Set(rig.mailbox.mails.map(({ subject }) => subject)).size).toBe(60);
    expect(rig.mailbox.mails).toHaveLength(60);
  });

  it('is woken by a commit, and completes its batch before it stops', async () => {
    await rig.register(user, 'ada@example.com');
    const mailer = rig.mailer({ pollMs: 600_000, gatherMs: 1 });
    await mailer.start(true);
    const sent = new Promise<void>((resolve) => (rig.mailbox.failing = () => (resolve(), false)));
    const orderId = newId();
    await rig.send(orderId, user);
    await sent;
    await mailer.stop();
    expect(await rig.status(orderId)).toMatchObject({ status: 'sent' });
  });

  it('lists page by page, newest first, one user’s only', async () => {
    const orders: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      orders.unshift(newId());
      await rig.send(orders[0]!, user);
      await rig.send(newId(), 'user-2');
    }
    const first = await rig.list.of(user, 3);
    const second = await rig.list.of(user, 3, first.at(-1)!.id);
    expect([...first, ...second].map(({ orderId }) => orderId)).toEqual(orders);
  });
});
