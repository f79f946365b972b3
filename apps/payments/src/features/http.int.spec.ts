import { ChargePayment, messageOf } from '@seam/contracts';
import { readSettings, type RunningProcess, startProcess } from '@seam/host';
import { newId } from '@seam/kernel';
import { InProcessBroker } from '@seam/messaging';
import { LocalVerificationKeys } from '@seam/security';
import { createTestDatabase, startTestServer } from '../../../../libs/persistence/src/testing/index.js';
import { type TestIdentity, testIdentity } from '../../../../libs/security/src/testing/index.js';
import { chargeKeyOf } from '../domain/payment.js';
import { signatureOf } from './receive-webhook/webhook-signature.js';
import { paymentsService } from '../payments.definition.js';
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
    running = await startProcess([paymentsService], settings, { transport: broker });
    running.app.get(LocalVerificationKeys, { strict: false }).use(() => Promise.resolve(identity.jwks));
  });
  afterAll(async () => {
    await running.close();
    await server.stop();
  });

  async function charge(token: string): Promise<string> {
    const orderId = newId();
    const payment = { method: 'card', token } as const;
    const data = { orderId, userId: 'owner', amount: { amount: 1299, currency: 'EUR' }, payment };
    const command = messageOf(ChargePayment, orderId, data);
    await broker.publish({ id: newId(), source: 'orders', at: new Date().toISOString(), ...command });
    return orderId;
  }

  async function view(orderId: string, userId?: string, role: 'customer' | 'staff' = 'customer') {
    const caller = userId && (await identity.tokenFor({ userId, role, email: 'a@example.com' }));
    const headers: Record<string, string> = caller ? { authorization: `Bearer ${caller}` } : {};
    const response = await fetch(`${running.url}/api/payments/${orderId}`, { headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  describe('GET /api/payments/:orderId', () => {
    it('shows a captured payment to its owner and to staff, and to nobody else', async () => {
      const orderId = await charge('tok_visa');
      const amount = { amount: 1299, currency: 'EUR' };
      const body = { orderId, status: 'captured', amount, refunded: { ...amount, amount: 0 } };
      expect(await view(orderId, 'owner')).toEqual({ status: 200, body });
      expect(await view(orderId, 'boss', 'staff')).toEqual({ status: 200, body });
      expect(await view(orderId, 'other')).toMatchObject({ status: 404, body: { code: 'PAYMENT.NOT_FOUND' } });
      expect((await view(orderId)).status).toBe(401);
    });

    it('says why a payment was declined', async () => {
      const { body } = await view(await charge('tok_declined'), 'owner');
      expect(body).toMatchObject({ status: 'declined', failureCode: 'PAYMENT_DECLINED' });
    });

    it('knows no order without a payment, and no order that cannot be', async () => {
      expect(await view(newId(), 'owner')).toMatchObject({ status: 404, body: { code: 'PAYMENT.NOT_FOUND' } });
      expect((await view('1%27%20or%20true', 'owner')).status).toBe(400);
    });
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

    it.each([NEW, OLD])('settles an unknown charge, signed by either secret during a rotation', async (secret) => {
      const orderId = await charge('tok_down');
      expect((await view(orderId, 'owner')).body).toMatchObject({ status: 'unknown' });
      const body = event(orderId);
      expect(await post(body, sign(body, secret))).toEqual({ status: 204 });
      expect((await view(orderId, 'owner')).body).toMatchObject({ status: 'captured' });
      expect(await post(body, sign(body, secret))).toEqual({ status: 204 });
    });

    it('takes nothing that is unsigned, stale, altered or signed by another', async () => {
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

    it('refuses an unknown provider, an unknown field and an unknown type', async () => {
      const body = event(newId());
      expect(await post(body, sign(body), 'acme')).toEqual({ status: 404, code: 'PAYMENT.UNKNOWN_PROVIDER' });
      for (const wrong of [event(newId(), { amount: 1 }), event(newId(), { type: 'charge.lost' })])
        expect(await post(wrong, sign(wrong))).toEqual({ status: 400, code: 'REQUEST.INVALID' });
    });

    it('takes events about charges it has not heard of, and those that are not ours', async () => {
      for (const body of [event(newId()), event(newId(), { chargeKey: 'of-somebody-else' })])
        expect(await post(body, sign(body))).toEqual({ status: 204 });
    });
  });
});

describe('an event of the provider', () => {
  it('is taken once, also when it comes twice at once', async () => {
    const server = await startTestServer();
    const rig = await PaymentsRig.open(await createTestDatabase(server, 'payments'), { timeLimitMs: 100 });
    try {
      const [first, second] = [newId(), newId()] as const;
      await rig.deliver(rig.chargeMessage(first, 'tok_down'));
      await rig.deliver(rig.chargeMessage(second, 'tok_down'));
      const event = { provider: 'fake', id: 'evt_1' };
      const notify = (orderId: string): Promise<unknown> =>
        rig.committer.commit(paymentWork({ type: 'notified', orderId, finding: { type: 'captured' }, event }));
      await Promise.all([notify(first), notify(first)]);
      await notify(second);
      expect(await rig.payments.find(first)).toMatchObject({ state: 'captured' });
      expect(await rig.payments.find(second)).toMatchObject({ state: 'unknown' });
      expect(rig.outcomes(first)).toHaveLength(1);
    } finally {
      await rig.close();
      await server.stop();
    }
  });
});
