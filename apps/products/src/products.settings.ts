import { demoSetting } from '@seam/contracts';
import { z } from 'zod';

export const productsSettings = {
  demo: demoSetting,
  /** The maximum price of a product, in minor units of its currency. */
  maxPrice: {
    name: 'SEAM_MAX_PRICE',
    schema: z
      .string()
      .regex(/^\d{1,16}$/)
      .transform(Number)
      .pipe(z.int().min(1))
      .default(100_000_000_000),
    may: 'must be a whole number of minor units from 1 to 9007199254740991',
  },
};
