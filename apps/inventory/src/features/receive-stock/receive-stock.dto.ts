import { z } from 'zod';

export const ReceiveStockBody = z
  .strictObject({ quantity: z.int().min(1).max(1_000_000).describe('Number of pieces received') })
  .meta({ example: { quantity: 50 } });
export type ReceiveStockBody = z.infer<typeof ReceiveStockBody>;
