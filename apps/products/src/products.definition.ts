import type { ServiceDefinition } from '@seam/host';
import { ProductsModule } from './products.module.js';
import { productsSettings } from './products.settings.js';

export const productsService: ServiceDefinition = {
  name: 'products',
  module: ProductsModule,
  settings: productsSettings,
  needs: [],
};
