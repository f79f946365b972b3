import { createHmac, randomUUID } from 'node:crypto';
import { eventually } from '@seam/testing';
import pg from 'pg';
import { type Answer, Api } from '../support/api.js';
import { expectProblem, orderIs } from '../support/shop.js';
import { STAFF } from '../support/shop-process.js';

export const WEBHOOK_SECRET = 'the-webhooks-secret-of-the-tests';

/** A shop that accepts webhooks signed with {@link WEBHOOK_SECRET}. */
export interface WebhookShop {
  /** The URL of its gateway. */
  readonly url: string;
  /** The database of payments, and of the fake provider's ledger. */
  readonly paymentsDatabase: string;
  stop(): Promise<unknown>;
}

const signed = (body: string, secret = WEBHOOK_SECRET): string => {
  const seconds = Math.floor(Date.now() / 1_000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
};

/** Webhooks of the payment provider, from outside, the same in every topology. */
export function webhookFlows(topology: string, start: () => Promise<WebhookShop>): void {
  describe(`webhooks to ${topology}`, () => {
    let shop: WebhookShop;
    let guest: Api;
    let staff: Api;
    let customer: Api;

    beforeAll(async () => {
      shop = await start();
      guest = new Api(shop.url);
      staff = await guest.login(STAFF);
      customer = await guest.customer();
    });

    afterAll(async () => {
      await shop.stop();
    });

    /** With characters and spaces that would invalidate the signature if a process serialised the body again. */
    const eventOf = (orderId: string, type: string): string =>
      JSON.stringify({ id: randomUUID(), type, chargeKey: `charge-${orderId}`, note: 'zurück / 返金' }, null, 2);

    const sendWebhook = (body: string, signature = signed(body), provider = 'fake'): Promise<Answer> =>
      guest.post(`/api/payments/webhooks/${provider}`, body, { 'x-seam-signature': signature });

    async function paidOrder(): Promise<string> {
      const { body } = await customer.order('tok_visa', [{ sku: 'MUG-BLUE', quantity: 1 }]);
      await orderIs(customer, body.id, 'confirmed');
      return body.id as string;
    }

    /** A change at the provider for which no webhook is sent. */
    async function atTheProvider(change: string, orderId: string): Promise<void> {
      const books = new pg.Client({ connectionString: shop.paymentsDatabase });
      await books.connect();
      try {
        const changed = await books.query(`update fake_provider.charge set ${change} where key = $1`, [
          `charge-${orderId}`,
        ]);
        expect(changed.rowCount).toBe(1);
      } finally {
        await books.end();
      }
    }

    const paymentOf = async (orderId: string): Promise<any> => (await customer.get(`/api/payments/${orderId}`)).body;
    const historyOf = async (orderId: string): Promise<any[]> =>
      (await staff.get(`/api/payments/${orderId}/events`)).body;

    test.each([
      ['refunded at the provider', 'refunds = 1, refunded_at = now()', 'charge.refunded', 'provider', 'refunded'],
      ['taken back by the bank', 'charged_back = true', 'charge.charged-back', 'chargeback', 'charged-back'],
    ])('money that was %s shows in the payment and its history', async (_, change, type, refundedBy, state) => {
      const orderId = await paidOrder();
      await atTheProvider(change, orderId);
      expect(await paymentOf(orderId)).toMatchObject({ status: 'captured', refunded: { amount: 0 } });
      const body = eventOf(orderId, type);
      expect((await sendWebhook(body)).status).toBe(204);
      const refunded = { amount: 1299, currency: 'EUR' };
      await eventually(async () =>
        expect(await paymentOf(orderId)).toMatchObject({ status: 'refunded', refunded, refundedBy }),
      );
      expect((await sendWebhook(body)).status).toBe(204);
      expect(await historyOf(orderId)).toMatchObject([
        { type: 'known', state: 'captured' },
        { type: 'provider-event', event: { provider: 'fake', type, body: JSON.parse(body) } },
        { type: 'changed', cause: 'looked', from: 'captured', to: state, refunded: 1299 },
      ]);
    });

    test('an event of an unknown type is accepted and stored, and changes nothing', async () => {
      const orderId = await paidOrder();
      const body = eventOf(orderId, 'dispute.evidence-due');
      expect((await sendWebhook(body)).status).toBe(204);
      const kept = { type: 'provider-event', event: { type: 'dispute.evidence-due', body: JSON.parse(body) } };
      expect(await historyOf(orderId)).toMatchObject([{ type: 'known' }, kept]);
      expect(await paymentOf(orderId)).toMatchObject({ status: 'captured', refunded: { amount: 0 } });
    });

    test('an event that is unsigned, signed with another secret or altered is refused and not stored', async () => {
      const orderId = await paidOrder();
      const body = eventOf(orderId, 'charge.refunded');
      for (const wrong of [
        await sendWebhook(body, ''),
        await sendWebhook(body, signed(body, 'somebody-else')),
        await sendWebhook(`${body} `, signed(body)),
      ])
        expectProblem(wrong, 401, 'PAYMENT.BAD_SIGNATURE');
      expectProblem(await sendWebhook(body, signed(body), 'acme'), 404, 'PAYMENT.UNKNOWN_PROVIDER');
      expect(await historyOf(orderId)).toHaveLength(1);
    });
  });
}
