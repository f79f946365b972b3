import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import type { Caller } from '@seam/security';
import { Payments } from '../../ports/payments.js';
import { paymentNotFound, type PaymentView, paymentView } from './payment.dto.js';

export class ViewPayment extends Query<PaymentView> {
  constructor(
    readonly caller: Caller,
    readonly orderId: string,
  ) {
    super();
  }
}

/** The payment of an order; not found for a caller who does not own the order. */
@QueryHandler(ViewPayment)
export class ViewPaymentHandler implements IQueryHandler<ViewPayment> {
  constructor(private readonly payments: Payments) {}

  async execute({ caller: { role, userId }, orderId }: ViewPayment): Promise<PaymentView> {
    const payment = await this.payments.find(orderId);
    const view = payment && paymentView(payment);
    if (view === undefined || (role !== 'staff' && payment?.userId !== userId)) throw paymentNotFound();
    return view;
  }
}
