import { text } from '@seam/kernel';
import { z } from 'zod';

export const CorrectStockBody = z
  .strictObject({
    quantity: z.int().min(1).max(1_000_000).describe('Number of missing pieces'),
    reason: text({ max: 200 }).normalize('NFC').trim().min(1).describe('Why they are missing'),
  })
  .meta({ example: { quantity: 2, reason: 'Broken on the shelf' } });
export type CorrectStockBody = z.infer<typeof CorrectStockBody>;
