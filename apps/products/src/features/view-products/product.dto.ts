import { Sku } from '@seam/contracts';
import { entityTag } from '@seam/host';
import { Money } from '@seam/kernel';
import { z } from 'zod';
import type { Product } from '../../domain/product.js';

export const ProductView = z.object({
  sku: Sku,
  name: z.string(),
  description: z.string(),
  price: Money,
  active: z.boolean().describe('Whether the product can be ordered'),
});
export type ProductView = z.infer<typeof ProductView>;

export const viewOf = ({ sku, name, description, price, active }: Product): ProductView => ({
  sku,
  name,
  description,
  price,
  active,
});

/**
 * A hash of its revision and content: two states of a product never have the same tag, even if its revisions start
 * again.
 */
export const tagOf = (product: Product): string => entityTag([product.revision, viewOf(product)]);

export const productExample: ProductView = {
  sku: 'MUG-BLUE',
  name: 'Blue mug',
  description: 'Stoneware, 350 ml, dishwasher safe',
  price: { amount: 1299, currency: 'EUR' },
  active: true,
};
