import { Injectable } from '@nestjs/common';
import { AggregateReader, type RecordedEvent } from '@seam/event-sourcing';
import { type Order, OrderAggregate } from '../domain/order.js';
import { Orders } from '../ports/orders.js';

@Injectable()
export class EventSourcedOrders extends Orders {
  constructor(private readonly reader: AggregateReader) {
    super();
  }

  async get(id: string): Promise<Order> {
    return (await this.reader.load(OrderAggregate, id)).state;
  }

  async history(id: string): Promise<{ order: Order; events: RecordedEvent[] }> {
    const { state: order, events } = await this.reader.read(OrderAggregate, id);
    return { order, events };
  }
}
