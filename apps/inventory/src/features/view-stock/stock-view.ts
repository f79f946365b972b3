import { z } from 'zod';
import { Sku } from '@seam/contracts';
import type { StockLevels } from '../../domain/levels.js';

/** What anyone may know of a SKU's stock. */
export const PublicStockView = z.object({
  sku: Sku,
  available: z.int().min(0).describe('Pieces that can be ordered now'),
});
export type PublicStockView = z.infer<typeof PublicStockView>;

export const StaffStockView = PublicStockView.extend({
  onHand: z.int().min(0).describe('Pieces that no order holds'),
  reserved: z.int().min(0).describe('Pieces held by orders that are not confirmed yet'),
  sold: z.int().min(0).describe('Pieces held by confirmed orders'),
});
export type StaffStockView = z.infer<typeof StaffStockView>;

export const publicView = (sku: string, { onHand }: StockLevels): PublicStockView => ({ sku, available: onHand });

export const staffView = (sku: string, levels: StockLevels): StaffStockView => ({
  sku,
  available: levels.onHand,
  ...levels,
});

export const staffExample: StaffStockView = { sku: 'MUG-BLUE', available: 97, onHand: 97, reserved: 1, sold: 2 };
