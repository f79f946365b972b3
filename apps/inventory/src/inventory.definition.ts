import type { ServiceDefinition } from '@seam/host';
import { InventoryModule } from './inventory.module.js';

export const inventoryService: ServiceDefinition = {
  name: 'inventory',
  module: InventoryModule,
  needs: ['products', 'orders'],
};
