import type { ServiceDefinition } from '@seam/host';
import { InventoryModule } from './inventory.module.js';
import { inventorySettings } from './inventory.settings.js';

export const inventoryService: ServiceDefinition = {
  name: 'inventory',
  module: InventoryModule,
  settings: inventorySettings,
  needs: ['products', 'orders'],
};
