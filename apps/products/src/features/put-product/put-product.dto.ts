import { Money } from '@seam/kernel';
import { z } from 'zod';

// Control characters and halves of surrogate pairs are no text; PostgreSQL stores neither U+0000 nor those halves.
const OneLine = z.string().regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be text without control characters');
const Lines = z
  .string()
  .regex(/^(?:[^\p{Cc}\p{Cs}]|[\t\r\n])*$/u, 'must be text; of control characters only line ends and tabs');

export const PutProductBody = z
  .strictObject({
    name: OneLine.trim().min(1).max(200),
    description: Lines.max(5_000).default(''),
    price: Money,
    active: z.boolean().default(true).describe('Whether it can be ordered'),
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
