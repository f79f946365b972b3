import { ChargePayment, RefundPayment, shop } from '@seam/contracts';
import { messageOf } from '@seam/messaging/contract';
import { type RunningProcess, startProcess } from '@seam/host';
import { newId, type OutgoingMessage } from '@seam/kernel';
import { InProcessBroker } from '@seam/messaging';
import { Database } from '@seam/persistence/postgres';
import { readSettings } from '@seam/process';
import { LocalVerificationKeys } from '@seam/security';
import { eventually } from '@seam/testing';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { type TestIdentity, testIdentity } from '@seam/security/testing';
import type { FakeProvider } from '../adapters/fake-provider/fake-provider.js';
import { chargeKeyOf } from '../domain/payment.js';
import { signatureOf } from './receive-webhook/webhook-signature.js';
import { paymentsService } from '../payments.definition.js';
import { PaymentProvider } from '../ports/payment-provider.js';
import { PaymentsRig } from '../testing/payments-rig.js';
import { paymentWork } from './payment-work.js';

const [OLD, NEW] = ['the-old-secret-of-webhooks', 'the-new-secret-of-webhooks'] as const;
const now = (): number => Math.floor(Date.now() / 1_000);

describe('payments over HTTP', () => {
  let server: Awaited<ReturnType<typeof startTestServer>>;
  let running: RunningProcess;
  let identity: TestIdentity;
  const broker = new InProcessBroker();

  beforeAll(async () => {
    server = await startTestServer();
    identity = await testIdentity();
    const settings = readSettings({
      PORT: '0',
      DATABASE_URL: server.url('postgres'),
      SEAM_LOG: 'error',
      SEAM_WEBHOOK_SECRETS: `${NEW},${OLD}`,
    });
    running = await startProcess({ ...shop, services: [paymentsService] }, settings, { transport: broker });
    running.app.get(LocalVerificationKeys, { strict: false }).use(() => Promise.resolve(identity.jwks));
  });
  afterAll(async () => {
    await running.close();
    await server.stop();
  });

  const send = (message: OutgoingMessage): Promise<void> =>
    broker.publish({ id: newId(), source: 'orders', at: new Date().toISOString(), ...message });

  async function charge(token: string, userId = 'owner'): Promise<string> {
    const orderId = newId();
    const payment = { method: 'card', token } as const;
    const data = { orderId, userId, amount: { amount: 1299, currency: 'EUR' }, payment };
    await send(messageOf(ChargePayment, orderId, data));
    return orderId;
  }

  async function get(path: string, userId?: string, role: 'customer' | 'staff' = 'customer') {
    const caller = userId && (await identity.tokenFor({ userId, role, email: 'a@example.com' }));
    const headers: Record<string, string> = caller ? { authorization: `Bearer ${caller}` } : {};
    const response = await fetch(`${running.url}${path}`, { headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  const view = (orderId: string, userId?: string, role?: 'customer' | 'staff') =>
    get(`/api/payments/${orderId}`, userId, role);
  const history = async (orderId: string): Promise<Record<string, unknown>[]> =>
    (await get(`/api/payments/${orderId}/events`, 'boss', 'staff')).body as unknown as Record<string, unknown>[];

  const provider = (): FakeProvider => running.app.get<FakeProvider>(PaymentProvider, { strict: false });
  const query = (text: string, values: unknown[]): Promise<object[]> =>
    running.app.get(Database, { strict: false }).query(text, values);
  /** Resolves when no poll of the provider is in progress any more for this order. */
  const asked = (orderId: string): Promise<unknown> =>
    eventually(async () =>
      expect(await query('select due from payment where order_id = $1', [orderId])).toEqual([{ due: false }]),
    );

  describe('GET /api/payments/:orderId', () => {
    it('shows a captured payment only to its owner and to staff', async () => {
      const orderId = await charge('tok_visa');
      const amount = { amount: 1299, currency: 'EUR' };
      const body = { orderId, status: 'captured', amount, refunded: { ...amount, amount: 0 } };
      expect(await view(orderId, 'owner')).toEqual({ status: 200, body });
      expect(await view(orderId, 'boss', 'staff')).toEqual({ status: 200, body });
      expect(await view(orderId, 'other')).toMatchObject({ status: 404, body: { code: 'PAYMENT.NOT_FOUND' } });
      expect((await view(orderId)).status).toBe(401);
    });

    it('reports that a payment in an unknown state cannot be read, and lists all others', async () => {
      const [bad, good] = [await charge('tok_visa'), await charge('tok_visa')];
      await query("update payment set state = 'disputed' where order_id = $1", [bad]);
      expect(await view(bad, 'owner')).toMatchObject({ status: 409, body: { code: 'PAYMENT.UNREADABLE' } });
      const { status, body } = await get('/api/payments?limit=100', 'boss', 'staff');
      const listed = (body['items'] as { orderId: string }[]).map(({ orderId }) => orderId);
      expect([status, listed.includes(bad), listed.includes(good)]).toEqual([200, false, true]);
      await query("update payment set state = 'captured' where order_id = $1", [bad]);
      expect((await view(bad, 'owner')).status).toBe(200);
    });

    it('shows why a payment was declined', async () => {
      const { body } = await view(await charge('tok_declined'), 'owner');
      expect(body).toMatchObject({ status: 'declined', failureCode: 'PAYMENT_DECLINED' });
    });

    it('answers 404 for an order without a payment, and for an invalid id', async () => {
      expect(await view(newId(), 'owner')).toMatchObject({ status: 404, body: { code: 'PAYMENT.NOT_FOUND' } });
      expect((await view('1%27%20or%20true', 'owner')).status).toBe(400);
    });
  });

  describe('a change that the provider makes by itself', () => {
    it.each([
      ['tok_refunded', 'provider', 'refunded'],
      ['tok_chargeback', 'chargeback', 'charged-back'],
    ])('%s reaches the payment and its history', async (token, refundedBy, state) => {
      const orderId = await charge(token);
      expect((await view(orderId, 'owner')).body).toMatchObject({ status: 'captured', refunded: { amount: 0 } });
      const refunded = { amount: 1299, currency: 'EUR' };
      await eventually(async () =>
        expect((await view(orderId, 'owner')).body).toMatchObject({ status: 'refunded', refunded, refundedBy }),
      );
      expect(await history(orderId)).toMatchObject([
        { type: 'known', state: 'captured' },
        { type: 'provider-event', event: { provider: 'fake', type: `charge.${state}` } },
        { type: 'changed', cause: 'looked', from: 'captured', to: state, refunded: 1299 },
      ]);
    });

    it('of a part leaves the payment captured, and the rest can be refunded', async () => {
      const orderId = await charge('tok_visa');
      await provider().refundByItself(chargeKeyOf(orderId), 300);
      await eventually(async () =>
        expect((await view(orderId, 'owner')).body).toMatchObject({
          status: 'captured',
          refunded: { amount: 300 },
          refundedBy: 'provider',
        }),
      );
      await send(messageOf(RefundPayment, orderId, { orderId, userId: 'owner' }));
      expect((await view(orderId, 'owner')).body).toMatchObject({ status: 'refunded', refunded: { amount: 1299 } });
    });

    it('may be reversed: a charge-back that was won is captured again', async () => {
      const orderId = await charge('tok_visa');
      const status = async (): Promise<unknown> => (await view(orderId, 'owner')).body['status'];
      await provider().chargeBack(chargeKeyOf(orderId));
      await eventually(async () => expect(await status()).toBe('refunded'));
      await provider().chargeBack(chargeKeyOf(orderId), false);
      await eventually(async () => expect(await status()).toBe('captured'));
    });
  });

  describe('GET /api/payments/:orderId/events', () => {
    it('is for the staff', async () => {
      const path = `/api/payments/${await charge('tok_visa')}/events`;
      expect((await get(path, 'owner')).status).toBe(403);
      expect(await get(`/api/payments/${newId()}/events`, 'boss', 'staff')).toMatchObject({ status: 404 });
    });
  });

  describe('GET /api/payments', () => {
    const list = (query: string) => get(`/api/payments?${query}`, 'boss', 'staff');
    const orders = async (query: string): Promise<unknown[]> =>
      ((await list(query)).body['items'] as { orderId: string }[]).map(({ orderId }) => orderId);

    it('is for the staff', async () => {
      expect((await get('/api/payments')).status).toBe(401);
      expect((await get('/api/payments', 'owner')).status).toBe(403);
    });

    it('shows the latest first, page by page, each once', async () => {
      const charged: string[] = [];
      for (const token of ['tok_visa', 'tok_declined', 'tok_visa']) charged.unshift(await charge(token, 'pages'));
      const first = (await list('userId=pages&limit=2')).body as { items: { orderId: string }[]; nextCursor: string };
      const newest = await charge('tok_visa', 'pages');
      const second = (await list(`userId=pages&limit=2&cursor=${first.nextCursor}`)).body;
      expect(first.items.map(({ orderId }) => orderId)).toEqual(charged.slice(0, 2));
      expect(second).toMatchObject({ items: [{ orderId: charged[2] }], nextCursor: null });
      expect(await orders('userId=pages')).toEqual([newest, ...charged]);
    });

    it('filters by status, amount, currency, customer and time, all of them together', async () => {
      const [paid, declined] = [await charge('tok_visa', 'filters'), await charge('tok_declined', 'filters')];
      const [item] = (await list('userId=filters&status=captured')).body['items'] as { createdAt: string }[];
      expect(item).toMatchObject({ orderId: paid, userId: 'filters', status: 'captured', refunded: { amount: 0 } });
      const then = encodeURIComponent(item?.createdAt ?? '');
      for (const [query, expected] of [
        ['status=declined', [declined]],
        ['status=refunded', []],
        ['minAmount=1299&maxAmount=1299', [declined, paid]],
        ['minAmount=1300', []],
        ['currency=EUR&status=captured', [paid]],
        ['currency=JPY', []],
        [`from=${then}`, [declined, paid]],
        [`to=${then}`, []],
      ] as const)
        expect({ query, found: await orders(`userId=filters&${query}`) }).toEqual({ query, found: expected });
    });

    it.each(['status=lost', 'currency=ZZZ', 'minAmount=-1', 'from=yesterday', 'cursor=MA', 'cursor=IjEi', 'sort=up'])(
      'refuses %s',
      async (query) => {
        expect((await list(query)).status).toBe(400);
      },
    );
  });

  describe('POST /api/payments/webhooks/:provider', () => {
    async function post(body: string, signature: string | undefined, provider = 'fake') {
      const headers = { 'content-type': 'application/json', ...(signature ? { 'x-seam-signature': signature } : {}) };
      const url = `${running.url}/api/payments/webhooks/${provider}`;
      const response = await fetch(url, { method: 'POST', headers, body });
      const text = await response.text();
      return { status: response.status, code: text === '' ? undefined : (JSON.parse(text) as { code: string }).code };
    }
    const sign = (body: string, secret: string = NEW, at = now()): string => signatureOf(Buffer.from(body), secret, at);
    const event = (orderId: string, more: object = {}): string =>
      JSON.stringify({ id: newId(), type: 'charge.captured', chargeKey: chargeKeyOf(orderId), ...more });

    it.each([NEW, OLD])(
      'causes a poll of the provider at once, signed by either secret during a rotation',
      async (secret) => {
        const orderId = await charge('tok_lost');
        expect((await view(orderId, 'owner')).body).toMatchObject({ status: 'unknown' });
        const body = event(orderId);
        expect(await post(body, sign(body, secret))).toEqual({ status: 204 });
        await eventually(async () => expect((await view(orderId, 'owner')).body).toMatchObject({ status: 'captured' }));
        expect(await post(body, sign(body, secret))).toEqual({ status: 204 });
      },
    );

    it.each([
      ['tok_lost', 'charge.declined', 'captured'],
      ['tok_declined', 'charge.captured', 'declined'],
      ['tok_visa', 'charge.refunded', 'captured'],
    ])('is not believed: %s, and %s, is %s', async (token, type, status) => {
      const orderId = await charge(token);
      const body = event(orderId, { type });
      expect(await post(body, sign(body))).toEqual({ status: 204 });
      await asked(orderId);
      expect((await view(orderId, 'owner')).body).toMatchObject({ status });
    });

    it('finds a capture on a declined charge, and refunds it', async () => {
      const orderId = await charge('tok_declined');
      await query('update fake_provider.charge set declined = null, charged = 1 where order_id = $1', [orderId]);
      const body = event(orderId);
      expect(await post(body, sign(body))).toEqual({ status: 204 });
      await eventually(async () => expect((await view(orderId, 'owner')).body).toMatchObject({ status: 'refunded' }));
      const [books] = await query('select refunds from fake_provider.charge where order_id = $1', [orderId]);
      expect(books).toEqual({ refunds: 1 });
      expect((await history(orderId)).filter(({ type }) => type === 'changed')).toMatchObject([
        { from: 'declined', to: 'refunding', cause: 'looked' },
        { from: 'refunding', to: 'refunded', cause: 'looked' },
      ]);
    });

    it('accepts unknown types and fields, and stores them without card numbers', async () => {
      const orderId = await charge('tok_visa');
      const strange = { type: 'dispute.evidence-due', due: ['2026-12-01'], nul: '\0', card: '4111 1111 1111 1111' };
      const foreign = event(orderId, { id: newId(), ...strange, chargeKey: { nested: true } });
      for (const body of [event(orderId, strange), foreign])
        expect(await post(body, sign(body))).toEqual({ status: 204 });
      const [, kept] = await history(orderId);
      expect(kept).toMatchObject({ type: 'provider-event', event: { type: strange.type } });
      expect(kept?.['event']).toMatchObject({ body: { ...strange, nul: '\ufffd', card: '[card]' } });
      const { id } = JSON.parse(foreign) as { id: string };
      expect(await query('select type, order_id from webhook_event where id = $1', [id])).toEqual([
        { type: strange.type, order_id: null },
      ]);
    });

    it('refuses requests that are unsigned, too old, altered or signed with another secret', async () => {
      const orderId = await charge('tok_declined');
      const body = event(orderId);
      const refused = { status: 401, code: 'PAYMENT.BAD_SIGNATURE' };
      expect(await post(body, undefined)).toEqual(refused);
      expect(await post(body, sign(body, NEW, now() - 301))).toEqual(refused);
      expect(await post(body.replace('captured', 'declined'), sign(body))).toEqual(refused);
      expect(await post(body, sign(body, 'a secret of somebody else'))).toEqual(refused);
      expect(await post('{"nonsense":1}', undefined)).toEqual(refused);
      expect((await view(orderId, 'owner')).body).toMatchObject({ status: 'declined' });
    });

    it('refuses an unknown provider, and an event without id or type', async () => {
      const body = event(newId());
      expect(await post(body, sign(body), 'acme')).toEqual({ status: 404, code: 'PAYMENT.UNKNOWN_PROVIDER' });
      for (const wrong of [event(newId(), { id: undefined }), event(newId(), { type: 7 })])
        expect(await post(wrong, sign(wrong))).toEqual({ status: 400, code: 'REQUEST.INVALID' });
    });

    it('accepts events about unknown charges, and about those of other shops', async () => {
      for (const body of [
        event(newId()),
        event(newId(), { chargeKey: 'charge-\0' }),
        event(newId(), { chargeKey: 'theirs' }),
      ])
        expect(await post(body, sign(body))).toEqual({ status: 204 });
    });
  });
});

describe('an event of the provider', () => {
  it('is stored once, also if it arrives twice at once', async () => {
    const server = await startTestServer();
    const rig = await PaymentsRig.open(await createTestDatabase(server, 'payments'), { timeoutMs: 100 });
    try {
      const [first, second] = [newId(), newId()] as const;
      await rig.deliver(rig.chargeMessage(first, 'tok_visa'));
      await rig.deliver(rig.chargeMessage(second, 'tok_visa'));
      const event = { provider: 'fake', id: 'evt_1', type: 'charge.refunded', body: {} };
      const notify = (orderId: string): Promise<unknown> =>
        rig.committer.commit(paymentWork({ type: 'notified', orderId, event }));
      await Promise.all([notify(first), notify(first)]);
      await notify(second);
      expect(rig.polls.map(({ correlationId }) => correlationId)).toEqual([first]);
    } finally {
      await rig.close();
      await server.stop();
    }
  });
});
