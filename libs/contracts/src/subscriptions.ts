import type { EventContract } from '@seam/messaging/contract';
import { SaleRefused } from './inventory.js';
import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderShipped } from './orders.js';
import { CardKeyPublished, PaymentRefunded } from './payments.js';
import { ProductChanged } from './products.js';
import { AccountsListed, UserRegistered } from './users.js';

/**
 * The events that each service handles. Every process declares them to the broker at its start, so that an event waits for
 * a subscriber that was never started; a service that handles other events than these does not start.
 */
export const subscriptions: Readonly<Record<string, readonly EventContract[]>> = {
  users: [],
  products: [],
  orders: [ProductChanged, SaleRefused, UserRegistered, AccountsListed, CardKeyPublished],
  inventory: [ProductChanged, OrderConfirmed],
  payments: [],
  notifications: [UserRegistered, OrderCancelled, OrderShipped, PaymentRefunded],
  analytics: [OrderPlaced, OrderConfirmed, OrderCancelled, OrderShipped],
};
