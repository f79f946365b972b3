import { Sku } from '@seam/contracts';
import { Money } from '@seam/kernel';
import { z } from 'zod';
import type { Product } from '../../domain/product.js';

export const ProductView = z.object({
  sku: Sku,
  name: z.string(),
  description: z.string(),
  price: Money,
  active: z.boolean().describe('Whether it can be ordered'),
});
export type ProductView = z.infer<typeof ProductView>;

export const viewOf = ({ sku, name, description, price, active }: Product): ProductView => ({
  sku,
  name,
  description,
  price,
  active,
});

export const productExample: ProductView = {
  sku: 'MUG-BLUE',
  name: 'Blue mug',
  description: 'Stoneware, 350 ml, dishwasher safe',
  price: { amount: 1299, currency: 'EUR' },
  active: true,
};
