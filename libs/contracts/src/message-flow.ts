import type { CommandContract, EventContract } from '@seam/messaging/contract';
import { ReleaseStock, ReserveStock, SaleRefused } from './inventory.js';
import { CancelNotification, SendNotification } from './notifications.js';
import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderShipped } from './orders.js';
import { CardKeyPublished, ChargePayment, PaymentRefunded, PublishCardKey, RefundPayment } from './payments.js';
import { ProductChanged } from './products.js';
import { AccountsListed, ListAccounts, UserRegistered } from './users.js';

/**
 * What each service sends: the events that it publishes, and its commands to other services and to itself. A test compares
 * it with the sources; `/docs/asyncapi.json` and docs/messages.md are made from it.
 */
export const sent: Readonly<
  Record<string, { readonly events: readonly EventContract[]; readonly commands: readonly CommandContract[] }>
> = {
  users: { events: [UserRegistered, AccountsListed], commands: [ListAccounts] },
  products: { events: [ProductChanged], commands: [] },
  orders: {
    events: [OrderPlaced, OrderConfirmed, OrderCancelled, OrderShipped],
    commands: [
      ReserveStock,
      ReleaseStock,
      ChargePayment,
      RefundPayment,
      SendNotification,
      CancelNotification,
      ListAccounts,
      PublishCardKey,
    ],
  },
  inventory: { events: [SaleRefused], commands: [] },
  payments: { events: [PaymentRefunded, CardKeyPublished], commands: [PublishCardKey] },
  notifications: { events: [], commands: [] },
  analytics: { events: [], commands: [] },
};
