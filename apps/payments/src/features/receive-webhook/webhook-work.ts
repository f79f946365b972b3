import { type Work, work } from '@seam/messaging';
import { orderOfChargeKey } from '../../domain/payment.js';
import { ForeignEventKind } from '../../ports/payments.js';
import { paymentWork } from '../payment-work.js';
import { storableEvent, type WebhookEvent } from './webhook-event.dto.js';

/** Stores an event, and orders a poll about its charge: what an event says is not trusted. */
export function webhookWork(provider: string, event: WebhookEvent): Work {
  const { id, type, chargeKey } = event;
  const orderId = typeof chargeKey === 'string' ? orderOfChargeKey(chargeKey) : undefined;
  const stored = { provider, id, type, body: storableEvent(event) };
  return orderId === undefined
    ? work(ForeignEventKind, stored, () => ({ value: undefined, messages: [] }))
    : paymentWork({ type: 'notified', orderId, event: stored });
}
