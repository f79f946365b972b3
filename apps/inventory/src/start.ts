import { shop } from '@seam/contracts';
import { host } from '@seam/host';
import { inventoryService } from './inventory.definition.js';

await host({ ...shop, services: [inventoryService] });
