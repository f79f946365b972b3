import { AmountQuery, CurrencyQuery, PageQuery, TimeQuery } from '@seam/host';
import { text } from '@seam/kernel';
import { z } from 'zod';
import { PaymentStatus } from '../view-payment/payment.dto.js';

export const ListPaymentsQuery = z.strictObject({
  ...PageQuery.shape,
  status: PaymentStatus.optional(),
  userId: text({ min: 1, max: 64 }).optional(),
  currency: CurrencyQuery.optional(),
  minAmount: AmountQuery.optional().describe('Minor units'),
  maxAmount: AmountQuery.optional().describe('Minor units'),
  from: TimeQuery.optional().describe('Ordered at this time or later'),
  to: TimeQuery.optional().describe('Ordered before'),
});
export type ListPaymentsQuery = z.infer<typeof ListPaymentsQuery>;
