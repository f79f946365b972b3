import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { type ListedPayment, Payments, type PaymentSearch } from '../../ports/payments.js';

export class ListPayments extends Query<readonly ListedPayment[]> {
  constructor(readonly search: PaymentSearch) {
    super();
  }
}

@QueryHandler(ListPayments)
export class ListPaymentsHandler implements IQueryHandler<ListPayments> {
  constructor(private readonly payments: Payments) {}

  execute({ search }: ListPayments): Promise<readonly ListedPayment[]> {
    return this.payments.list(search);
  }
}
