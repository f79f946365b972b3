import { afterAttempt, DELIVERY_ATTEMPTS } from './delivery.js';
import { composeMail } from './mail.js';
import { type Cancel, merge, type Send } from './notification.js';

const send: Send = {
  type: 'send',
  orderId: 'o',
  userId: 'u',
  kind: 'order-confirmed',
  total: { amount: 1299, currency: 'EUR' },
};
const cancel: Cancel = { type: 'cancel', orderId: 'o', userId: 'u', kind: 'order-confirmed' };

describe('merging changes that arrived together', () => {
  it('sends an e-mail that is ordered twice once', () => expect(merge([send, send])).toEqual([send]));
  it('lets a cancellation win, first or last', () => {
    expect(merge([send, cancel])).toEqual([cancel]);
    expect(merge([cancel, send])).toEqual([cancel]);
  });
  it('keeps e-mails of different kinds separate', () => {
    const other: Send = { ...send, kind: 'order-cancelled' };
    expect(merge([cancel, other])).toEqual([cancel, other]);
  });
});

describe('the last e-mail', () => {
  const cancelled: Send = { ...send, kind: 'order-cancelled', code: 'CUSTOMER_REQUEST' };
  const shipped: Send = { ...send, kind: 'order-shipped', tracking: 'JD01' };

  it('of a cancelled order is the cancellation: no confirmation is sent any more, in whatever order they arrive', () => {
    expect(merge([cancelled])).toEqual([cancel, cancelled]);
    expect(merge([send, cancelled])).toEqual([cancel, cancelled]);
    expect(merge([cancelled, send])).toEqual([cancel, cancelled]);
  });
  it('of a shipped order is about the shipment: a confirmation is sent before, or not at all', () => {
    expect(merge([send, shipped])).toEqual([send, shipped]);
    expect(merge([shipped, send])).toEqual([{ ...cancel, type: 'prevent-send' }, shipped]);
    expect(merge([shipped, cancel])).toEqual([cancel, shipped]);
  });
});

describe('after an attempt', () => {
  const now = new Date('2026-11-22T10:00:00Z');
  const after = (attempts: number, attempt: 'sent' | 'failed' | 'no-recipient', ageMs = 0) =>
    afterAttempt({ attempts, queuedAt: new Date(now.getTime() - ageMs) }, attempt, now);
  const inMs = ({ nextAt }: { nextAt: Date }): number => nextAt.getTime() - now.getTime();

  it('is sent', () => expect(after(3, 'sent')).toMatchObject({ status: 'sent' }));
  it('waits longer after each failure, up to a limit', () => {
    expect([0, 1, 2, 10].map((attempts) => inMs(after(attempts, 'failed')))).toEqual([5_000, 10_000, 20_000, 900_000]);
  });
  it('is given up at the last failure, not before', () => {
    expect(after(DELIVERY_ATTEMPTS - 2, 'failed')).toMatchObject({ status: 'queued' });
    expect(after(DELIVERY_ATTEMPTS - 1, 'failed')).toMatchObject({ status: 'failed' });
  });
  it('is never given up while the user is not known yet', () => {
    expect(after(DELIVERY_ATTEMPTS, 'no-recipient', 86_400_000)).toMatchObject({
      status: 'queued',
      awaitsRecipient: true,
    });
    expect([0, 60_000, 86_400_000].map((age) => inMs(after(0, 'no-recipient', age)))).toEqual([
      5_000, 60_000, 3_600_000,
    ]);
  });
});

describe('composing an e-mail', () => {
  it('has the order and its total', () => {
    const mail = composeMail({ ...send, details: {} }, { email: 'ada@example.com', name: 'Ada' });
    expect(mail).toMatchObject({ to: 'ada@example.com', subject: 'Your order o is confirmed' });
    expect(mail.text).toContain('Hello Ada,');
    expect(mail.text).toContain('12.99 EUR');
  });
  it.each([
    ['JPY', '1299 JPY'],
    ['KWD', '1.299 KWD'],
    ['IQD', '1.299 IQD'],
  ])('shows %s with its own number of decimals', (currency, shown) => {
    const mail = composeMail({ ...send, details: {}, total: { amount: 1299, currency } }, { email: 'a@b', name: 'A' });
    expect(mail.text).toContain(` ${shown}`);
  });
  it.each([
    ['OUT_OF_STOCK', 'in stock'],
    ['PAYMENT_DECLINED', 'card was declined'],
    ['PAYMENT_FAILED', 'could not be made'],
    ['CUSTOMER_REQUEST', 'as requested'],
  ] as const)('says why an order was cancelled: %s', (code, said) => {
    const mail = composeMail({ ...send, kind: 'order-cancelled', details: { code } }, { email: 'a@b', name: 'A' });
    expect(mail.subject).toBe('Your order o is cancelled');
    expect(mail.text).toContain(said);
  });
  it('has the number of a parcel, and the amount of a refund', () => {
    const to = { email: 'a@b', name: 'A' };
    expect(composeMail({ ...send, kind: 'order-shipped', details: { tracking: 'JD01' } }, to).text).toContain('JD01');
    expect(composeMail({ ...send, kind: 'order-refunded', details: {} }, to).text).toContain('refunded 12.99 EUR');
  });
  it('removes line breaks from a name', () => {
    const mail = composeMail({ ...send, details: {} }, { email: 'a@b', name: 'Eve\r\nBcc: all@example.com' });
    expect(mail.text.split('\n')[0]).toBe('Hello Eve Bcc: all@example.com,');
  });
});
