import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canStart, type OwnEngine, ownEngine } from '@seam/testing/engines';
import { eventually } from '@seam/testing';
import { Api } from '../support/api.js';
import { orderIs, sagaEnds, stockOf } from '../support/shop.js';
import { ShopProcess, STAFF } from '../support/shop-process.js';

const engines = ['postgres', ...(canStart('redis') ? (['redis'] as const) : [])] as const;

/**
 * Pieces that are reserved for a second, and a charge that takes two: another customer may have bought them meanwhile.
 */
describe.each(engines)('the last piece, while the charge of its order takes too long, on %s', (name) => {
  let engine: OwnEngine | undefined;
  let shop: ShopProcess & { url: string };
  let slow: Api;
  let quick: Api;
  let staff: Api;

  beforeAll(async () => {
    if (name === 'redis') engine = await ownEngine(name);
    shop = await ShopProcess.start({ env: { SEAM_RESERVATION_S: '1', REDIS_URL: engine?.url ?? '' } });
    const guest = new Api(shop.url);
    [slow, quick, staff] = [await guest.customer(), await guest.customer(), await guest.login(STAFF)];
  });
  afterAll(async () => {
    await shop.stop();
    await engine?.remove();
  });

  /** The e-mails about an order, in the order in which they were sent. */
  const mailsAbout = (orderId: string): { subject: string; text: string }[] =>
    readFileSync(join(shop.data, 'mail.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes(orderId))
      .map((line) => JSON.parse(line) as { subject: string; text: string });

  it('is never sold to two confirmed orders: the one that is too late is refunded, and its customer is informed', async () => {
    const late = await slow.order('tok_slow', [{ sku: 'LAST-ONE', quantity: 1 }]);
    await eventually(async () => expect((await stockOf(staff, 'LAST-ONE')).reserved).toBe(1));
    await eventually(async () => expect((await stockOf(staff, 'LAST-ONE')).available).toBe(1));
    const bought = await quick.order('tok_visa', [{ sku: 'LAST-ONE', quantity: 1 }]);

    await orderIs(quick, bought.body.id, 'confirmed');
    expect(await orderIs(slow, late.body.id, 'cancelled')).toMatchObject({ cancellation: { code: 'OUT_OF_STOCK' } });

    await eventually(async () =>
      expect((await slow.get(`/api/payments/${late.body.id}`)).body).toMatchObject({ status: 'refunded' }),
    );
    expect(await orderIs(quick, bought.body.id, 'confirmed')).not.toHaveProperty('cancellation');
    expect(await stockOf(staff, 'LAST-ONE')).toMatchObject({ onHand: 0, reserved: 0, sold: 1 });

    const sagas = (await staff.get(`/api/sagas?orderId=${late.body.id}`)).body.items;
    for (const { id } of sagas) await sagaEnds(staff, id);
    const isInformed = (): void => {
      const mails = mailsAbout(late.body.id);
      const subjects = mails.map(({ subject }) => subject.replace(late.body.id, 'X'));
      // The confirmation may have been sent before it was known that the pieces were gone: then it is the first e-mail.
      expect(subjects.filter((subject, index) => index > 0 || subject !== 'Your order X is confirmed').sort()).toEqual([
        'The refund for your order X',
        'Your order X is cancelled',
      ]);
      expect(mails.map(({ text }) => text).join()).toContain('because not all of its items are in stock any more');
    };
    await eventually(isInformed, { withinMs: 15_000 });
    const kinds = (await slow.get('/api/notifications')).body.items.map(({ kind }: { kind: string }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['order-cancelled', 'order-refunded']));
    expect(mailsAbout(bought.body.id).map(({ subject }) => subject)).toEqual([
      `Your order ${bought.body.id} is confirmed`,
    ]);
    expect((await staff.get('/api/dead-letters')).body.items).toEqual([]);
  });
});
