import { Injectable } from '@nestjs/common';
import { Database } from '@seam/persistence';
import type { Payment } from '../domain/payment.js';
import { Payments } from '../ports/payments.js';
import { type PaymentRow, toPayment } from './payment-row.js';
import { COLUMNS } from './payment-sql.js';

@Injectable()
export class PostgresPayments extends Payments {
  constructor(private readonly database: Database) {
    super();
  }

  async find(orderId: string): Promise<Payment | undefined> {
    const text = `select ${COLUMNS} from payment where order_id = $1`;
    const [row] = await this.database.prepared<PaymentRow>('payments_find', text, [orderId]);
    return row && toPayment(row);
  }
}
