import { Injectable } from '@nestjs/common';
import type { Caller } from '@seam/security';
import type { Order } from '../domain/order.js';
import { Customers } from '../ports/customers.js';
import { type OrderAnswer, orderAnswer } from './order.dto.js';

type Asker = Pick<Caller, 'role'>;

/** Orders as the caller may see them: the staff also see the customer. */
@Injectable()
export class OrderAnswers {
  constructor(private readonly customers: Customers) {}

  async all({ role }: Asker, orders: readonly Order[]): Promise<OrderAnswer[]> {
    if (role !== 'staff') return orders.map((order) => orderAnswer(order));
    const known = await this.customers.named([...new Set(orders.map(({ userId }) => userId))]);
    return orders.map((order) => orderAnswer(order, known.get(order.userId) ?? { id: order.userId }));
  }

  async one(asker: Asker, order: Order): Promise<OrderAnswer> {
    const [answer] = await this.all(asker, [order]);
    if (answer === undefined) throw new Error('an order was left without an answer');
    return answer;
  }
}
