import type { Work } from '@seam/messaging';

/** Who orders, as the accounts have it. */
export interface Customer {
  readonly id: string;
  readonly name: string;
  /** Normalised. */
  readonly email: string;
}

/**
 * The orders service's own copy of the accounts, kept by the users' events. An order may be here before its customer is,
 * as events come in no promised order.
 */
export abstract class Customers {
  /** Those of these that are known so far, by their ids. */
  abstract named(ids: readonly string[]): Promise<ReadonlyMap<string, Customer>>;

  /** @param email normalised. Of several accounts that were told with it, the newest. */
  abstract byEmail(email: string): Promise<Customer | undefined>;

  /** Keeps customers as they are told; the same again changes nothing. */
  abstract keep(customers: readonly Customer[]): Work<void>;
}

/** One of each, as it was told last, in the order of their ids: so two who write the same ones do not block each other. */
export const distinct = (told: readonly (readonly Customer[])[]): Customer[] =>
  [...new Map(told.flat().map((customer) => [customer.id, customer])).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
