import { Injectable } from '@nestjs/common';
import {
  type Aggregate,
  type DomainEvent,
  EventStore,
  ReadModels,
  type RecordedEvent,
  readStream,
  streamOf,
} from '@seam/event-sourcing';
import { Saga, type SagaState } from '@seam/saga';
import { type Order, OrderAggregate } from '../domain/order.js';
import { Orders } from '../ports/orders.js';

@Injectable()
export class EventSourcedOrders extends Orders {
  constructor(
    private readonly store: EventStore,
    private readonly models: ReadModels,
  ) {
    super();
  }

  async get(id: string): Promise<Order> {
    return (await this.#read(OrderAggregate, id)).state;
  }

  async history(id: string): Promise<{ order: Order; events: RecordedEvent[] }> {
    const { state: order, events } = await this.#read(OrderAggregate, id);
    return { order, events };
  }

  async saga(id: string): Promise<SagaState> {
    return (await this.#read(Saga, id)).state;
  }

  async #read<S, E extends DomainEvent>(
    aggregate: Aggregate<S, E>,
    id: string,
  ): Promise<{ state: S; events: RecordedEvent[] }> {
    const stream = streamOf(aggregate, id);
    const events = await this.store.read(stream);
    const { state, unreadable } = readStream(aggregate, stream, events);
    if (unreadable === undefined) return { state, events };
    this.models.unreadable(unreadable);
    throw unreadable;
  }
}
