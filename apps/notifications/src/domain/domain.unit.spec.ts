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
  it('sends one that is ordered twice once', () => expect(merge([send, send])).toEqual([send]));
  it('lets a cancel win, first or last', () => {
    expect(merge([send, cancel])).toEqual([cancel]);
    expect(merge([cancel, send])).toEqual([cancel]);
  });
  it('keeps another kind of the same order apart', () => {
    const other: Send = { ...send, kind: 'order-cancelled' };
    expect(merge([cancel, other])).toEqual([cancel, other]);
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
  it('never gives up on a user not known yet', () => {
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
  it('says what it is about', () => {
    const mail = composeMail(send, { email: 'ada@example.com', name: 'Ada' });
    expect(mail).toMatchObject({ to: 'ada@example.com', subject: 'Your order o is confirmed' });
    expect(mail.text).toContain('Hello Ada,');
    expect(mail.text).toContain('12.99 EUR');
  });
  it('knows currencies without cents', () => {
    const mail = composeMail({ ...send, total: { amount: 1299, currency: 'JPY' } }, { email: 'a@b', name: 'A' });
    expect(mail.text).toContain('1299 JPY');
  });
  it('keeps line breaks of a name out', () => {
    const mail = composeMail(send, { email: 'a@b', name: 'Eve\r\nBcc: all@example.com' });
    expect(mail.text.split('\n')[0]).toBe('Hello Eve Bcc: all@example.com,');
  });
});
