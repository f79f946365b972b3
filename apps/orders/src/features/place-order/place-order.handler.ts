import type { OrderLine, PaymentMethod, SealedPayment } from '@seam/contracts';
import { Command, CommandHandler, type ICommandHandler } from '@seam/cqrs';
import { eventWork, fold, type Positioned, positioned } from '@seam/event-sourcing';
import { Clock, derivedId, newId } from '@seam/kernel';
import { Committer, type Work } from '@seam/messaging';
import { Saga, startSaga } from '@seam/saga';
import { place } from '../../domain/decide.js';
import { type Order, OrderAggregate } from '../../domain/order.js';
import { canBeSold, mergeLines, type Price, priceLines } from '../../domain/pricing.js';
import { published } from '../../domain/published.js';
import { Catalogue } from '../../ports/catalogue.js';
import { placementSagaId } from '../../sagas/order-data.js';
import { placeOrderSaga } from '../../sagas/place-order.saga.js';
import { CardSealer } from '../seal-cards/card-sealer.js';
import { fingerprintFor } from './fingerprint.js';

export interface PlaceOrderRequest {
  readonly userId: string;
  /** Makes the request repeatable: the same key of the same customer leads to the same order. */
  readonly idempotencyKey?: string | undefined;
  readonly items: readonly OrderLine[];
  readonly payment: PaymentMethod;
}

export class PlaceOrder extends Command<Positioned<Order>> {
  constructor(readonly request: PlaceOrderRequest) {
    super();
  }
}

/** One commit: the order, its saga and the saga's first command. Calls no other service. */
@CommandHandler(PlaceOrder)
export class PlaceOrderHandler implements ICommandHandler<PlaceOrder, Positioned<Order>> {
  constructor(
    private readonly committer: Committer,
    private readonly catalogue: Catalogue,
    private readonly cards: CardSealer,
    private readonly clock: Clock,
  ) {}

  async execute({ request }: PlaceOrder): Promise<Positioned<Order>> {
    const { userId, idempotencyKey, items, payment } = request;
    const orderId = idempotencyKey === undefined ? newId() : derivedId('order', userId, idempotencyKey);
    const prices = await this.catalogue.prices(items.map(({ sku }) => sku));
    const sealed = await this.cards.seal(orderId, payment);
    return this.committer.commit(positioned(this.#work(orderId, request, prices, sealed)));
  }

  #work(orderId: string, request: PlaceOrderRequest, prices: Map<string, Price>, sealed: SealedPayment): Work<Order> {
    const { userId, payment } = request;
    const at = this.clock.now().toISOString();
    const items = mergeLines(request.items);
    const sagaId = placementSagaId(orderId);
    // If it cannot be sold now, it may have been ordered before under the same key: then that order is the answer.
    const expectedNew = canBeSold(items, prices);
    const streams = {
      order: { aggregate: OrderAggregate, id: orderId, expectedNew },
      saga: { aggregate: Saga, id: sagaId, expectedNew },
    };
    return eventWork(streams, ({ order }) => {
      const lines = order.status === 'none' ? priceLines(items, prices) : order.lines;
      const fingerprint = fingerprintFor(order, items, payment);
      const events = place(order, { orderId, userId, sagaId, lines, fingerprint }, at);
      if (events.length === 0) return { value: order };
      const placed = fold(OrderAggregate, events, order);
      const data = { orderId, userId, total: placed.total, lines: items, payment: sealed };
      const saga = startSaga(placeOrderSaga, { id: sagaId, correlationId: orderId, data }, placed, at, 'orders');
      return {
        events: { order: [...events, ...saga.aggregate], saga: saga.saga },
        messages: [...saga.messages, ...published(order, events)],
        value: placed,
      };
    });
  }
}
