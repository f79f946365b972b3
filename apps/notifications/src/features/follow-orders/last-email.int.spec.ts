import { newId } from '@seam/kernel';
import { createTestDatabase, startTestServer } from '@seam/persistence/testing';
import { NotificationsRig } from '../../testing/notifications-rig.js';

describe('the e-mails about an order', () => {
  let server: Awaited<ReturnType<typeof startTestServer>>;
  let rig: NotificationsRig;
  let orderId: string;
  const user = 'user-1';

  beforeAll(async () => {
    server = await startTestServer();
    rig = await NotificationsRig.open(await createTestDatabase(server, 'notifications'));
    await rig.register(user, 'ada@example.com');
  });
  beforeEach(() => {
    orderId = newId();
    rig.mailbox.mails.length = 0;
  });
  afterAll(async () => {
    await rig.database.close();
    await server.stop();
  });

  /** The subjects of the sent e-mails, once nothing is left to send. */
  async function subjects(): Promise<string[]> {
    while ((await rig.mailer().deliver()) > 0);
    return rig.mailbox.mails.map(({ subject }) => subject.replace(orderId, 'X'));
  }

  it('are only the cancellation, if that arrived before the confirmation was sent', async () => {
    await rig.send(orderId, user);
    await rig.cancelled(orderId, user, 'CUSTOMER_REQUEST');
    await rig.send(orderId, user);
    expect(await subjects()).toEqual(['Your order X is cancelled']);
    expect(rig.mailbox.mails[0]?.text).toContain('as requested');
    expect((await rig.list.of(user, 1))[0]).toMatchObject({ orderId, kind: 'order-cancelled' });
  });

  it('end with the cancellation, also if it arrived first, or after the confirmation was sent', async () => {
    await rig.cancelled(orderId, user, 'PAYMENT_DECLINED');
    await rig.send(orderId, user);
    expect(await subjects()).toEqual(['Your order X is cancelled']);
    orderId = newId();
    rig.mailbox.mails.length = 0;
    await rig.send(orderId, user);
    await subjects();
    await rig.cancelled(orderId, user, 'CUSTOMER_REQUEST');
    await rig.cancelled(orderId, user, 'CUSTOMER_REQUEST');
    expect(await subjects()).toEqual(['Your order X is confirmed', 'Your order X is cancelled']);
  });

  it('have no cancellation before a confirmation that another process is sending', async () => {
    await rig.send(orderId, user);
    let cancelledMeanwhile = 0;
    const mailbox = rig.mailbox.send.bind(rig.mailbox);
    rig.mailbox.send = async (mails) => {
      rig.mailbox.send = mailbox;
      await rig.cancelled(orderId, user, 'CUSTOMER_REQUEST');
      cancelledMeanwhile = await rig.mailer().deliver();
      return mailbox(mails);
    };
    await rig.mailer().deliver();
    expect(cancelledMeanwhile).toBe(0);
    expect(await subjects()).toEqual(['Your order X is confirmed', 'Your order X is cancelled']);
  });

  it('end with the shipment, after the confirmation or without one', async () => {
    await rig.send(orderId, user);
    await rig.shipped(orderId, user);
    expect(await subjects()).toEqual(['Your order X is confirmed', 'Your order X has been shipped']);
    orderId = newId();
    rig.mailbox.mails.length = 0;
    await rig.shipped(orderId, user);
    await rig.send(orderId, user);
    expect(await subjects()).toEqual(['Your order X has been shipped']);
  });

  it('include the refund', async () => {
    await rig.refunded(orderId, user);
    expect(await subjects()).toEqual(['The refund for your order X']);
  });
});
