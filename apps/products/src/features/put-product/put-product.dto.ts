import { Money, text } from '@seam/kernel';
import { z } from 'zod';

export const PutProductBody = z
  .strictObject({
    name: text({ max: 200 }).trim().min(1),
    description: text({ max: 5_000, lines: true }).default(''),
    price: Money,
    active: z.boolean().default(true).describe('Whether the product can be ordered'),
  })
  .meta({
    example: {
      name: 'Blue mug',
      description: 'Stoneware, 350 ml',
      price: { amount: 1299, currency: 'EUR' },
      active: true,
    },
  });
export type PutProductBody = z.infer<typeof PutProductBody>;
