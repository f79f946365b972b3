import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { type PaymentHistoryEntry, Payments } from '../../ports/payments.js';
import { paymentNotFound } from '../view-payment/payment.dto.js';

/** What happened to the payment of an order, oldest first. */
export class PaymentHistory extends Query<readonly PaymentHistoryEntry[]> {
  constructor(readonly orderId: string) {
    super();
  }
}

@QueryHandler(PaymentHistory)
export class PaymentHistoryHandler implements IQueryHandler<PaymentHistory> {
  constructor(private readonly payments: Payments) {}

  async execute({ orderId }: PaymentHistory): Promise<readonly PaymentHistoryEntry[]> {
    const entries = await this.payments.history(orderId);
    if (entries.length === 0) throw paymentNotFound();
    return entries;
  }
}
