import { isCurrency } from '@seam/kernel';
import { z } from 'zod';

const NO_TIME = 'must be an ISO 8601 time such as 2026-01-31T12:00:00Z';

/** A time to search by, in the years 1 to 9999, which every engine supports and orders correctly. */
export const TimeQuery = z.iso
  .datetime({ offset: true, error: NO_TIME })
  .transform((text) => new Date(text))
  .refine((time) => time.getUTCFullYear() >= 1 && time.getUTCFullYear() <= 9_999, NO_TIME);

/** An amount to search by, in minor units. */
export const AmountQuery = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const CurrencyQuery = z.string().refine(isCurrency, 'must be an ISO 4217 code such as EUR');
