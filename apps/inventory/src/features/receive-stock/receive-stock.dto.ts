import { derivedId, newId } from '@seam/kernel';
import { z } from 'zod';

export const ReceiveStockBody = z
  .strictObject({ quantity: z.int().min(1).max(1_000_000).describe('Pieces that came in') })
  .meta({ example: { quantity: 50 } });
export type ReceiveStockBody = z.infer<typeof ReceiveStockBody>;

/** The id of a receipt: with a key the same each time this user sends it, without one new. */
export const receiptIdOf = (userId: string, key: string | undefined): string =>
  key === undefined ? newId() : derivedId('receipt', userId, key);
