import type { ServiceDefinition } from '@seam/host';
import { ProductsModule } from './products.module.js';

export const productsService: ServiceDefinition = { name: 'products', module: ProductsModule, needs: [] };
