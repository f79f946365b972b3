import { PageQuery } from '@seam/host';
import { z } from 'zod';

export const SearchProductsQuery = PageQuery.extend({
  q: z
    .string()
    .max(100)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be text without control characters')
    .optional()
    .describe('Text in the SKU, the name or the description, in any case'),
});
export type SearchProductsQuery = z.infer<typeof SearchProductsQuery>;
