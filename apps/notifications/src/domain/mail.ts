import type { NotificationKind } from '@seam/contracts';
import type { Money } from '@seam/kernel';

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
}

/** The e-mail of a notification. The recipient's name is text of a stranger: it stays out of the headers. */
export function composeMail({ orderId, kind, total }: About, { email, name }: Recipient): Mail {
  const { subject, body } = texts[kind](orderId, amount(total));
  return { to: email, subject, text: `Hello ${printable(name)},\n\n${body}\n\nSeam\n` };
}

const texts: Record<NotificationKind, (orderId: string, total: string) => { subject: string; body: string }> = {
  'order-confirmed': (orderId, total) => ({
    subject: `Your order ${orderId} is confirmed`,
    body: `Thank you for your order. We have received your payment of ${total} and are packing it.`,
  }),
  'order-cancelled': (orderId, total) => ({
    subject: `Your order ${orderId} is cancelled`,
    body: `Your order of ${total} is cancelled. If you have paid, the money is on its way back to you.`,
  }),
};

/** By the currency's own number of digits: `12.99 EUR`, `1299 JPY`. */
function amount({ amount, currency }: Money): string {
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  return `${(amount / 10 ** digits).toFixed(digits)} ${currency}`;
}

const printable = (text: string): string => text.replace(/\p{C}+/gu, ' ').trim();
