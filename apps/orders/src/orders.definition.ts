import type { ServiceDefinition } from '@seam/host';
import { OrdersModule } from './orders.module.js';

export const ordersService: ServiceDefinition = {
  name: 'orders',
  module: OrdersModule,
  needs: ['users', 'products', 'inventory', 'payments', 'notifications'],
};
