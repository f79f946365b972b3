import type { EventContract } from './contract.js';
import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderShipped } from './orders.js';
import { ProductChanged } from './products.js';
import { UserRegistered } from './users.js';

/**
 * Which events each service takes. A broker is told by every process at its start, so that an event waits for a
 * subscriber that was never started yet; a service that handles others than these does not start.
 */
export const subscriptions: Readonly<Record<string, readonly EventContract[]>> = {
  users: [],
  products: [],
  orders: [ProductChanged],
  inventory: [ProductChanged, OrderConfirmed],
  payments: [],
  notifications: [UserRegistered],
  analytics: [OrderPlaced, OrderConfirmed, OrderCancelled, OrderShipped],
};
