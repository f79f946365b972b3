import { Injectable } from '@nestjs/common';
import type { Caller } from '@seam/security';
import type { Order } from '../domain/order.js';
import { Customers } from '../ports/customers.js';
import { type OrderAnswer, orderAnswer } from './order.dto.js';

type Viewer = Pick<Caller, 'role'>;

/** Orders as the caller may see them: the staff also see the customer. */
@Injectable()
export class OrderAnswers {
  constructor(private readonly customers: Customers) {}

  async all({ role }: Viewer, orders: readonly Order[]): Promise<OrderAnswer[]> {
    if (role !== 'staff') return orders.map((order) => orderAnswer(order));
    const known = await this.customers.named([...new Set(orders.map(({ userId }) => userId))]);
    return orders.map((order) => orderAnswer(order, known.get(order.userId) ?? { id: order.userId }));
  }

  async one(viewer: Viewer, order: Order): Promise<OrderAnswer> {
    const [answer] = await this.all(viewer, [order]);
    if (answer === undefined) throw new Error('an order was left without an answer');
    return answer;
  }
}
