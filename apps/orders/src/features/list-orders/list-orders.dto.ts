import { Sku } from '@seam/contracts';
import { AmountQuery, CurrencyQuery, PageQuery, TimeQuery } from '@seam/host';
import { CodedError, Email, Id } from '@seam/kernel';
import type { Caller } from '@seam/security';
import { z } from 'zod';
import { OrderStatusAnswer } from '../order.dto.js';

const ofAnyCurrency = 'In minor units of the order total; matches all currencies unless `currency` is given';

/** The filters that only the staff may use. */
const staffFilters = {
  email: Email.optional().describe('Staff only: the complete e-mail address of the customer, case-insensitive'),
  userId: Id.optional().describe('Staff only: the id of the customer'),
  sku: Sku.optional().describe('Staff only: contained in one of the order lines'),
  from: TimeQuery.optional().describe('Staff only: placed at this time or later'),
  to: TimeQuery.optional().describe('Staff only: placed before this time'),
  minAmount: AmountQuery.optional().describe(`Staff only. ${ofAnyCurrency}`),
  maxAmount: AmountQuery.optional().describe(`Staff only. ${ofAnyCurrency}`),
  currency: CurrencyQuery.optional().describe('Staff only'),
};

export const ListOrdersQuery = z
  .strictObject({ ...PageQuery.shape, status: OrderStatusAnswer.optional(), ...staffFilters })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['from'],
    message: 'must be before to',
  })
  .refine(({ minAmount = 0, maxAmount = Infinity }) => minAmount <= maxAmount, {
    path: ['minAmount'],
    message: 'must not be above maxAmount',
  });
export type ListOrdersQuery = z.infer<typeof ListOrdersQuery>;

/** Allows all filters for the staff; customers may filter their own orders by status only. */
export function checkFilters({ role }: Pick<Caller, 'role'>, query: ListOrdersQuery): void {
  if (role === 'staff') return;
  const refused = Object.keys(staffFilters).filter((name) => name in query);
  if (refused.length > 0)
    throw new CodedError('forbidden', 'AUTH.FORBIDDEN', `Only staff may search orders by ${refused.join(', ')}`);
}
