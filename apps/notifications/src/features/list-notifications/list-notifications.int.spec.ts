import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendNotification, shop } from '@seam/contracts';
import { type Contract, messageOf } from '@seam/messaging/contract';
import { type RunningProcess, startProcess } from '@seam/host';
import { newId } from '@seam/kernel';
import { InProcessBroker } from '@seam/messaging';
import { readSettings } from '@seam/process';
import { LocalVerificationKeys } from '@seam/security';
import { startTestServer } from '@seam/persistence/testing';
import { type TestIdentity, testIdentity } from '@seam/security/testing';
import { notificationsService } from '../../notifications.definition.js';

describe('GET /api/notifications', () => {
  let server: Awaited<ReturnType<typeof startTestServer>>;
  let running: RunningProcess;
  let identity: TestIdentity;
  let directory: string;
  const broker = new InProcessBroker();

  beforeAll(async () => {
    server = await startTestServer();
    identity = await testIdentity();
    directory = await mkdtemp(join(tmpdir(), 'seam-mail-'));
    const environment = { PORT: '0', DATABASE_URL: server.url('postgres'), SEAM_DATA: directory, SEAM_LOG: 'error' };
    running = await startProcess(
      { ...shop, services: [{ ...notificationsService, needs: [] }] },
      readSettings(environment),
      {
        transport: broker,
      },
    );
    running.app.get(LocalVerificationKeys, { strict: false }).use(() => Promise.resolve(identity.jwks));
  });
  afterAll(async () => {
    await running.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const publish = <D>(contract: Contract<D>, data: D): Promise<void> =>
    broker.publish({
      id: newId(),
      source: 'test',
      at: new Date().toISOString(),
      ...messageOf(contract, newId(), data),
    });

  const send = async (userId: string): Promise<string> => {
    const orderId = newId();
    const total = { amount: 1299, currency: 'EUR' };
    await publish(SendNotification, { orderId, userId, kind: 'order-confirmed', total });
    return orderId;
  };

  async function list(userId: string | undefined, query = '') {
    const token = userId && (await identity.tokenFor({ userId, role: 'customer', email: 'a@example.com' }));
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    const response = await fetch(`${running.url}/api/notifications${query}`, { headers });
    const body = (await response.json()) as { items: { orderId: string }[]; nextCursor: string | null };
    return { status: response.status, body };
  }

  it('shows a user their own, newest first, page by page', async () => {
    const orders = [await send('ada'), await send('ada'), await send('ada')].reverse();
    await send('bob');
    const first = await list('ada', '?limit=2');
    expect(first.body.items[0]).toEqual({
      id: expect.any(String),
      orderId: orders[0],
      kind: 'order-confirmed',
      at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    const second = await list('ada', `?limit=2&cursor=${first.body.nextCursor}`);
    expect(second.body.nextCursor).toBeNull();
    expect([...first.body.items, ...second.body.items].map(({ orderId }) => orderId)).toEqual(orders);
  });

  it('refuses other users, unknown parameters and invalid cursors', async () => {
    expect((await list(undefined)).status).toBe(401);
    for (const query of ['?user=bob', '?limit=101', '?cursor=bm9wZQ'])
      expect((await list('ada', query)).status).toBe(400);
  });
});
