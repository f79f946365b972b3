import { Money } from '@seam/kernel';
import { z } from 'zod';
import { defineEvent } from '@seam/messaging/contract';

/** SKUs are upper case: `MUG-BLUE`. */
export const Sku = z
  .string()
  .regex(/^[A-Z0-9][A-Z0-9-]{0,39}$/, 'must be 1 to 40 upper-case letters, digits and hyphens, such as MUG-BLUE');

/**
 * A product is new or changed. `revision` grows by one with each change, and a product's changes are handled in that order.
 * Those of a process of an earlier version may still overtake each other: a lower one that arrives late is outdated.
 */
export const ProductChanged = defineEvent({
  service: 'products',
  name: 'product-changed',
  key: ({ sku }) => sku,
  data: z.object({
    sku: z.string(),
    revision: z.int(),
    name: z.string(),
    description: z.string(),
    price: Money,
    active: z.boolean(),
  }),
});
