import type { ServiceDefinition } from '@seam/host';
import { analyticsService } from '../../analytics/src/analytics.definition.js';
import { inventoryService } from '../../inventory/src/inventory.definition.js';
import { notificationsService } from '../../notifications/src/notifications.definition.js';
import { ordersService } from '../../orders/src/orders.definition.js';
import { paymentsService } from '../../payments/src/payments.definition.js';
import { productsService } from '../../products/src/products.definition.js';
import { usersService } from '../../users/src/users.definition.js';

/** Every service there is: what one process hosts unless SEAM_SERVICES names fewer. */
export const services: readonly ServiceDefinition[] = [
  usersService,
  productsService,
  ordersService,
  inventoryService,
  paymentsService,
  notificationsService,
  analyticsService,
];
