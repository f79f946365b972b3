import type { CancellationCode } from '@seam/contracts';
import { type DomainEvent, eventSchemas } from '@seam/event-sourcing';
import type { Money } from '@seam/kernel';

export interface PricedLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: Money;
}

export type OrderEvent =
  | DomainEvent<
      'order-placed',
      {
        orderId: string;
        userId: string;
        sagaId: string;
        lines: readonly PricedLine[];
        total: Money;
        /** A hash of the request's body: distinguishes a repeated request from another one with the same key. */
        fingerprint: string;
      }
    >
  | DomainEvent<'order-confirmed', object>
  | DomainEvent<'cancellation-requested', { code: CancellationCode; reason: string; by: Requester }>
  | DomainEvent<'order-cancelled', { code: CancellationCode; reason: string }>
  | DomainEvent<'order-shipped', { tracking: string }>;

/** Who requested a cancellation; `shop` if a service did, such as `inventory` for an order that it cannot deliver. */
export type Requester = 'customer' | 'staff' | 'shop';

/** Before version 2, only the text of the reason said who had requested it. */
interface CancellationRequestedV1 {
  readonly code: string;
  readonly reason: string;
}

const REQUESTERS: Readonly<Record<string, Requester>> = {
  'cancelled by the customer': 'customer',
  'cancelled by the staff': 'staff',
};

/**
 * The versions of stored events of orders. Version 2 of `cancellation-requested` only adds a field, and processes of the
 * release before read it as they read version 1; so it is stored at once, without `storedAs`.
 */
export const orderSchemas = eventSchemas<OrderEvent>({
  'cancellation-requested': {
    version: 2,
    upcasts: { 1: (v1: CancellationRequestedV1) => ({ ...v1, by: REQUESTERS[v1.reason] ?? 'shop' }) },
  },
});
