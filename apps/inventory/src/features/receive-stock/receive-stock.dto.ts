import { CodedError, derivedId, newId } from '@seam/kernel';
import { z } from 'zod';

export const ReceiveStockBody = z
  .strictObject({ quantity: z.int().min(1).max(1_000_000).describe('Pieces that came in') })
  .meta({ example: { quantity: 50 } });
export type ReceiveStockBody = z.infer<typeof ReceiveStockBody>;

const IdempotencyKey = z.string().regex(/^[\x21-\x7e]{1,200}$/);

/** The id of a receipt: with a key the same each time this user sends it, without one new. */
export function receiptIdOf(userId: string, key: string | undefined): string {
  if (key === undefined) return newId();
  if (IdempotencyKey.safeParse(key).success) return derivedId('receipt', userId, key);
  throw new CodedError('invalid', 'REQUEST.INVALID', 'The request is not as it should be', [
    { path: 'Idempotency-Key', message: 'must have 1 to 200 visible characters' },
  ]);
}
