import type { CancellationCode, NotificationKind } from '@seam/contracts';
import { type Money, showMoney } from '@seam/kernel';
import type { Details } from './notification.js';

export interface Recipient {
  readonly email: string;
  readonly name: string;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

interface About {
  readonly orderId: string;
  readonly kind: NotificationKind;
  readonly total: Money;
  readonly details: Details;
}

/** The e-mail of a notification. The recipient's name is untrusted text: it is not used in the headers. */
export function composeMail({ orderId, kind, total, details }: About, { email, name }: Recipient): Mail {
  const { subject, body } = texts[kind](orderId, showMoney(total), details);
  return { to: email, subject, text: `Hello ${printable(name)},\n\n${body}\n\nSeam\n` };
}

type Text = (orderId: string, total: string, details: Details) => { subject: string; body: string };

const texts: Record<NotificationKind, Text> = {
  'order-confirmed': (orderId, total) => ({
    subject: `Your order ${orderId} is confirmed`,
    body: `Thank you for your order. We have received your payment of ${total} and are packing it.`,
  }),
  'order-cancelled': (orderId, total, { code }) => ({
    subject: `Your order ${orderId} is cancelled`,
    body: `Your order of ${total} is cancelled${code === undefined ? '' : reasons[code]}. We will refund what you have paid for it.`,
  }),
  'order-shipped': (orderId, total, { tracking = '' }) => ({
    subject: `Your order ${orderId} has been shipped`,
    body: `Your order of ${total} has been shipped. Its tracking number is ${printable(tracking)}.`,
  }),
  'order-refunded': (orderId, total) => ({
    subject: `The refund for your order ${orderId}`,
    body: `We have refunded ${total} that you had paid for this order.`,
  }),
};

const reasons: Record<CancellationCode, string> = {
  OUT_OF_STOCK: ' because not all of its items are in stock any more; we are sorry',
  PAYMENT_DECLINED: ' because your card was declined',
  PAYMENT_FAILED: ' because the payment could not be made',
  CUSTOMER_REQUEST: ' as requested',
};

const printable = (text: string): string => text.replace(/\p{C}+/gu, ' ').trim();
