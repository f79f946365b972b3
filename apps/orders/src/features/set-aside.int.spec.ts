import { jest } from '@jest/globals';
import { ProductChanged } from '@seam/contracts';
import { done } from '@seam/messaging/contract';
import { EventStore, SetAsides } from '@seam/event-sourcing';
import { type Message, newId } from '@seam/kernel';
import { Database } from '@seam/persistence/postgres';
import type { EmbeddedPostgres } from '@seam/persistence/embedded';
import { MongoDatabase } from '@seam/persistence/mongodb';
import { canStart, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { startTestServer } from '@seam/persistence/testing';
import { eur } from '../testing/an-order.js';
import { type Answer, OrdersApp, type Person } from '../testing/orders-app.js';

const engines = ['postgres', ...(canStart('mongodb') ? (['mongodb'] as const) : [])] as const;
/** Longer than the timeout of a step, 10 s, which no service answers. */
const SLOW = { withinMs: 45_000 };

describe.each(engines)('data that the orders service cannot process, on %s', (name) => {
  let server: EmbeddedPostgres | undefined;
  let mongo: OwnEngine | undefined;
  let app: OrdersApp;
  const staff: Person = { userId: newId(), role: 'staff' };
  const customer: Person = { userId: newId(), role: 'customer' };
  const other: Person = { userId: newId(), role: 'customer' };
  const lines: string[] = [];

  beforeAll(async () => {
    for (const stream of [process.stdout, process.stderr])
      jest.spyOn(stream, 'write').mockImplementation((text) => {
        lines.push(
          ...String(text)
            .split('\n')
            .filter((line) => line.includes('seam]')),
        );
        return true;
      });
    if (name === 'mongodb') mongo = await ownEngine('mongodb');
    else server = await startTestServer();
    app = await OrdersApp.start({
      ...(mongo === undefined ? { DATABASE_URL: server!.url('postgres') } : { MONGODB_URL: mongo.url }),
      SEAM_ROLLOUT_S: '1',
      SEAM_LOG: 'warn',
    });
    const product = { sku: 'MUG', revision: 1, name: 'Mug', description: '', price: eur(100), active: true };
    await app.publish(ProductChanged, product);
  });
  afterAll(async () => {
    await app.running.close();
    await server?.stop();
    await mongo?.remove();
    jest.restoreAllMocks();
  });

  async function order(by = customer): Promise<{ id: string; sagaId: string }> {
    const body = { items: [{ sku: 'MUG', quantity: 1 }], payment: { method: 'card', token: 'tok_visa' } };
    const placed = await app.call('POST', '/api/orders', by, body);
    expect(placed.status).toBe(202);
    return placed.body;
  }
  const commandsOf = ({ id }: { id: string }): readonly Message[] =>
    app.commands.filter(({ data }) => (data as { orderId: string }).orderId === id);
  const get = async (path: string, by = staff): Promise<any> => (await app.call('GET', path, by)).body;
  const store = (): EventStore => app.running.app.get(EventStore, { strict: false });
  /** Appends an event as another version, or a damaged disk, might have left it. */
  const append = (
    stream: string,
    expectedVersion: number,
    type: string,
    data: object,
    schemaVersion = 1,
  ): Promise<void> =>
    store().append([
      { stream, expectedVersion, events: [{ type, at: new Date().toISOString(), data, schemaVersion }] },
    ]);
  async function repair(stream: string, version: number, type: string, data: object): Promise<void> {
    if (mongo === undefined) {
      const text = 'update events set type = $3, data = $4 where stream = $1 and version = $2';
      await app.running.app.get(Database, { strict: false }).query(text, [stream, version, type, JSON.stringify(data)]);
    } else {
      const commits = app.running.app.get(MongoDatabase, { strict: false }).collection<{ slots: string[] }>('commits');
      const set = { 'events.0.type': type, 'events.0.data': data };
      await commits.updateOne({ slots: `${stream}@${version}` }, { $set: set });
    }
  }
  const aside = async (): Promise<any[]> => (await get('/api/set-aside?limit=100')).items;
  const listed = async (id: string): Promise<any> =>
    (await get('/api/orders?limit=100')).items.find((item: { id: string }) => item.id === id);
  const health = (): Promise<any> => get('/health/ready').then(({ details }) => details['set-aside:orders']);
  const retryAll = (): Promise<Answer> => app.call('POST', '/api/set-aside/retry', staff);

  describe('an event of an unknown type', () => {
    let bad: { id: string; sagaId: string };
    let unreadable: { id: string; sagaId: string };

    it('leaves all other orders current in the lists, and is visible in health, metrics and the API', async () => {
      bad = await order();
      await eventually(async () => expect(await listed(bad.id)).toMatchObject({ status: 'pending' }));
      await append(`order-${bad.id}`, 1, 'order-gift-wrapped', {});
      const good = await order();
      await eventually(async () => expect(await listed(good.id)).toMatchObject({ status: 'pending' }));
      await eventually(async () =>
        expect(await aside()).toMatchObject([
          { what: expect.stringMatching(/^order.(view|list)$/), stream: `order-${bad.id}`, position: '2' },
        ]),
      );
      await eventually(async () => expect(await health()).toMatchObject({ status: 'degraded' }));
      expect((await app.call('GET', '/health/ready')).status).toBe(200);
      const metrics = await (await fetch(`${app.running.url}/metrics`)).text();
      expect(metrics).toMatch(/seam_set_aside\{service="orders",what="order.(view|list)"\} 1/);
    });

    it('does not prevent a rebuild of the lists', async () => {
      const good = await order();
      expect(await app.call('POST', '/api/orders/read-models/rebuild', staff)).toMatchObject({ status: 200 });
      await eventually(async () => expect(await listed(good.id)).toMatchObject({ status: 'pending' }));
      expect(await aside()).toHaveLength(1);
    });

    it('is reported to those who read or change its order, but hidden from other customers', async () => {
      const path = `/api/orders/${bad.id}`;
      const shipment = { tracking: 'JD01' };
      for (const answer of [
        await app.call('GET', path, customer),
        await app.call('GET', path, staff),
        await app.call('GET', `${path}/events`, customer),
        await app.call('POST', `${path}/cancel`, customer),
        await app.call('POST', `${path}/shipments`, staff, shipment),
      ])
        expect(answer).toMatchObject({ status: 409, body: { code: 'STREAM.UNREADABLE' } });
      for (const answer of [
        await app.call('GET', path, other),
        await app.call('GET', `${path}/events`, other),
        await app.call('POST', `${path}/cancel`, other),
      ])
        expect(answer).toMatchObject({ status: 404, body: { code: 'ORDER.NOT_FOUND' } });
      // Logged when it is set aside and when it is first requested, but not for every request.
      const said = lines.filter((line) => line.includes(bad.id));
      expect([said.length > 0, said.length < 5]).toEqual([true, true]);
    });

    it('in a saga’s stream turns its messages into dead letters, with the reason, and stops no other saga', async () => {
      unreadable = await order();
      const command = await eventually(() => {
        const [sent] = commandsOf(unreadable);
        if (sent === undefined) throw new Error('nothing was sent yet');
        return sent;
      });
      await append(`saga-${unreadable.sagaId}`, 1, 'step-unknown', {});
      for (const path of [`/api/sagas/${unreadable.sagaId}`, `/api/orders/${unreadable.id}/cancel`])
        expect(await app.call(path.endsWith('cancel') ? 'POST' : 'GET', path, staff)).toMatchObject({
          status: 409,
          body: { code: 'STREAM.UNREADABLE' },
        });
      expect(await app.call('POST', `/api/sagas/${unreadable.sagaId}/redrive`, staff)).toMatchObject({ status: 409 });
      const answered = app.answer(command, done({}));
      const good = await order();
      await eventually(() => expect(commandsOf(good).length).toBeGreaterThan(1), SLOW);
      await answered;
      const letters = (await get('/api/dead-letters')).items;
      expect(letters).toMatchObject([
        { reason: expect.stringMatching(/cannot be read from event 2 onwards.*step-unknown/) },
      ]);
    });

    it('is processed, with everything that was left out, once it has been repaired', async () => {
      await repair(`order-${bad.id}`, 2, 'order-confirmed', {});
      await repair(`saga-${unreadable.sagaId}`, 2, 'step-retried', {
        reason: 'mended',
        next: { step: 1, phase: 'do', attempt: 2, deadline: new Date(Date.now() + 3_600_000).toISOString() },
      });
      expect(await retryAll()).toMatchObject({ status: 200, body: { left: 0 } });
      expect(await listed(bad.id)).toMatchObject({ status: 'confirmed' });
      expect(await get(`/api/sagas/${unreadable.sagaId}`)).toMatchObject({ state: 'running' });
      await eventually(async () => expect(await health()).toMatchObject({ status: 'up' }));
      const [letter] = (await get('/api/dead-letters')).items;
      expect(
        (
          await app.call('POST', `/api/dead-letters/${letter.messageId}/redrive`, staff, {
            reason: 'it can be read again',
          })
        ).status,
      ).toBeLessThan(300);
      await eventually(() =>
        expect(
          app.commands.filter(({ data }) => (data as any).orderId === unreadable.id).map(({ type }) => type),
        ).toContain('payments.charge-payment.v1'),
      );
    });
  });

  it('an entry of a read model that does not exist any more is deleted when it is retried', async () => {
    const asides = app.running.app.get(SetAsides, { strict: false });
    await asides.add('of-before', [{ stream: `order-${newId()}`, position: '1', reason: 'not known there' }]);
    expect(await retryAll()).toMatchObject({ status: 200, body: { tried: 1, left: 0 } });
    expect(await aside()).toEqual([]);
  });

  it('250 sagas of an unknown version stop no other timers, and are timed out when the version is known again', async () => {
    lines.length = 0;
    const one = await order();
    const [started] = await store().read(`saga-${one.sagaId}`);
    const ids = Array.from({ length: 250 }, () => newId());
    const deadline = new Date(Date.now() - 3_600_000).toISOString();
    for (const id of ids) {
      const next = { step: 1, phase: 'do', attempt: 1, deadline };
      await append(`saga-${id}`, 0, 'saga-started', { ...(started!.data as object), id, version: 99, next });
    }
    const commandCount = (): number => commandsOf(one).length;
    await eventually(() => expect(commandCount()).toBeGreaterThan(1), SLOW);
    await eventually(async () => {
      const metrics = await (await fetch(`${app.running.url}/metrics`)).text();
      expect(metrics).toMatch(/seam_set_aside\{service="orders",what="saga-timers"\} 250/);
    }, SLOW);
    expect(await health()).toMatchObject({ status: 'degraded', reason: expect.stringMatching(/and 247 more/) });
    expect(await get('/api/set-aside?what=saga-timers&limit=1')).toMatchObject({
      items: [{ position: deadline, reason: expect.stringContaining('no saga definition place-order.v99') }],
      nextCursor: expect.any(String),
    });
    // Hundreds of sagas, but only a few lines: when they first fail, and when they are set aside.
    expect(lines.join('\n')).toMatch(/set aside because their timeouts cannot be handled: .* and \d+ more/);
    expect(lines.length).toBeLessThan(10);

    const before = commandCount();
    const { data } = started!;
    for (const id of ids)
      await repair(`saga-${id}`, 1, 'saga-started', {
        ...(data as object),
        id,
        next: { step: 1, phase: 'do', attempt: 1, deadline },
      });
    expect((await app.call('POST', '/api/orders/read-models/rebuild', staff)).status).toBe(200);
    expect(await retryAll()).toMatchObject({ body: { left: 0 } });
    await eventually(() => expect(commandCount() - before).toBeGreaterThanOrEqual(250), SLOW);
    await eventually(async () => expect(await health()).toMatchObject({ status: 'up' }));
  });

  it('an event of a schema version that a newer release has stored stops its own order or saga, and no timers', async () => {
    const bad = await order();
    const next = { step: 1, phase: 'do', attempt: 2, deadline: new Date(Date.now() - 3_600_000).toISOString() };
    await append(`order-${bad.id}`, 1, 'cancellation-requested', { code: 'CUSTOMER_REQUEST', reason: '', by: 'me' }, 3);
    await append(`saga-${bad.sagaId}`, 1, 'step-retried', { reason: 'slow', next }, 2);
    const good = await order();
    const reason = (stored: number, known: number): unknown =>
      expect.stringContaining(`its schema version is ${stored}, and this process knows up to ${known}`);
    await eventually(async () => {
      const entries = await aside();
      expect(entries).toContainEqual(expect.objectContaining({ stream: `order-${bad.id}`, reason: reason(3, 2) }));
      expect(entries).toContainEqual(expect.objectContaining({ stream: `saga-${bad.sagaId}`, reason: reason(2, 1) }));
    }, SLOW);
    await eventually(async () => expect(await health()).toMatchObject({ status: 'degraded' }));
    // Entries are counted at intervals: one read model's may be in the metrics before the other's.
    await eventually(async () => {
      const metrics = await (await fetch(`${app.running.url}/metrics`)).text();
      expect(metrics).toMatch(/seam_set_aside\{service="orders",what="order.(view|list)"\} 1/);
    });
    for (const path of [`/api/orders/${bad.id}`, `/api/sagas/${bad.sagaId}`])
      expect(await app.call('GET', path, staff)).toMatchObject({ status: 409, body: { code: 'STREAM.UNREADABLE' } });
    // Its step times out, and the command is sent again.
    await eventually(() => expect(commandsOf(good).length).toBeGreaterThan(1), SLOW);
    expect(await listed(good.id)).toMatchObject({ status: 'pending' });
  }, 60_000);
});
