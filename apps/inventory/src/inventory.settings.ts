import { demoSetting } from '@seam/contracts';
import { z } from 'zod';

export const inventorySettings = {
  demo: demoSetting,
  /** How long an order holds its pieces while it is neither confirmed nor released, ms. */
  reservationMs: {
    name: 'SEAM_RESERVATION_S',
    schema: z
      .string()
      .regex(/^[1-9]\d{0,7}$/)
      .transform((text) => Number(text) * 1_000)
      .default(86_400_000),
    may: 'must be a whole number of seconds, at least 1',
  },
};
