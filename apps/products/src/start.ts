import { shop } from '@seam/contracts';
import { host } from '@seam/host';
import { productsService } from './products.definition.js';

await host({ ...shop, services: [productsService] });
