import { shop } from '@seam/contracts';
import { host } from '@seam/host';
import { ordersService } from './orders.definition.js';

await host({ ...shop, services: [ordersService] });
