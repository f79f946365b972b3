import { Controller } from '@nestjs/common';
import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderShipped } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { HandleEvent, type Work, work } from '@seam/messaging';
import type { SalesFact } from '../../domain/sales.js';
import { SalesKind } from '../../ports/sales.js';

/** Records the events of the orders service as facts to count. */
@Controller()
export class OrderEventsHandler {
  @HandleEvent('analytics', OrderPlaced)
  placed({ data }: Message<DataOf<typeof OrderPlaced>>): Work {
    return count({ type: 'placed', total: data.total, at: data.placedAt });
  }

  @HandleEvent('analytics', OrderConfirmed)
  confirmed({ data }: Message<DataOf<typeof OrderConfirmed>>): Work {
    return count({ type: 'confirmed', total: data.total, at: data.confirmedAt });
  }

  @HandleEvent('analytics', OrderCancelled)
  cancelled({ data }: Message<DataOf<typeof OrderCancelled>>): Work {
    const { total, cancelledAt, code, wasConfirmed } = data;
    return count({ type: 'cancelled', total, at: cancelledAt, code, wasConfirmed });
  }

  @HandleEvent('analytics', OrderShipped)
  shipped({ data }: Message<DataOf<typeof OrderShipped>>): Work {
    return count({ type: 'shipped', total: data.total, at: data.shippedAt });
  }
}

const count = (fact: SalesFact): Work => work(SalesKind, fact, () => ({ value: undefined, messages: [] }));
