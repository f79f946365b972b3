import { PageQuery } from '@seam/host';
import { text } from '@seam/kernel';
import type { z } from 'zod';

export const SearchProductsQuery = PageQuery.extend({
  q: text({ max: 100 })
    .normalize('NFC')
    .optional()
    .describe('Text contained in the SKU, the name or the description; case-insensitive'),
});
export type SearchProductsQuery = z.infer<typeof SearchProductsQuery>;
