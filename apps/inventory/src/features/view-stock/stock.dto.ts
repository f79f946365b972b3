import { z } from 'zod';
import { Sku } from '@seam/contracts';
import { onHandOf, type StockLevels } from '../../domain/levels.js';

/** The public part of a SKU's stock. */
export const PublicStockView = z.object({
  sku: Sku,
  available: z.int().min(0).describe('Pieces that can be ordered now'),
});
export type PublicStockView = z.infer<typeof PublicStockView>;

export const StaffStockView = PublicStockView.extend({
  onHand: z.int().min(0).describe('Pieces in the warehouse, including `reserved`: `available` + `reserved`'),
  reserved: z.int().min(0).describe('Pieces in the warehouse that are held by orders not confirmed yet'),
  sold: z.int().min(0).describe('Pieces of confirmed orders, no longer part of `onHand`'),
});
export type StaffStockView = z.infer<typeof StaffStockView>;

export const publicView = (sku: string, { available }: StockLevels): PublicStockView => ({ sku, available });

export const staffView = (sku: string, levels: StockLevels): StaffStockView => ({
  sku,
  available: levels.available,
  onHand: onHandOf(levels),
  reserved: levels.reserved,
  sold: levels.sold,
});

export const staffExample: StaffStockView = { sku: 'MUG-BLUE', available: 97, onHand: 98, reserved: 1, sold: 2 };
