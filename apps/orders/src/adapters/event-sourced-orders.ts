import { Injectable } from '@nestjs/common';
import { EventStore, fold, type RecordedEvent, streamOf } from '@seam/event-sourcing';
import { Saga, type SagaState } from '@seam/saga';
import { type Order, OrderAggregate } from '../domain/order.js';
import { Orders } from '../ports/orders.js';

@Injectable()
export class EventSourcedOrders extends Orders {
  constructor(private readonly store: EventStore) {
    super();
  }

  async get(id: string): Promise<Order> {
    return fold(OrderAggregate, await this.history(id));
  }

  history(id: string): Promise<RecordedEvent[]> {
    return this.store.read(streamOf(OrderAggregate, id));
  }

  async saga(id: string): Promise<SagaState> {
    return fold(Saga, await this.store.read(streamOf(Saga, id)));
  }
}
