import { PageQuery } from '@seam/host';
import { text } from '@seam/kernel';
import { z } from 'zod';

export const ListStockQuery = PageQuery.extend({
  q: text({ max: 40 }).toUpperCase().optional().describe('Text contained in the SKU, case-insensitive'),
  availableAtMost: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Only SKUs of which at most this many pieces are available'),
});
export type ListStockQuery = z.infer<typeof ListStockQuery>;
