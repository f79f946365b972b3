import type { Work } from '@seam/messaging';

/** A customer, with the data of the account. */
export interface Customer {
  readonly id: string;
  readonly name: string;
  /** Normalised. */
  readonly email: string;
}

/**
 * The orders service's own copy of the accounts, updated by the users' events. An order may exist before its customer
 * is known here, because the order of events is not guaranteed.
 */
export abstract class Customers {
  /** Those of these customers that are known so far, by their ids. */
  abstract named(ids: readonly string[]): Promise<ReadonlyMap<string, Customer>>;

  /** @param email normalised. If several accounts were reported with this address, the newest one. */
  abstract byEmail(email: string): Promise<Customer | undefined>;

  /** Stores customers; storing the same data again changes nothing. */
  abstract keep(customers: readonly Customer[]): Work<void>;
}

/**
 * Each customer once, with the latest data, ordered by id, so that two writers of the same customers do not deadlock.
 */
export const distinct = (updates: readonly (readonly Customer[])[]): Customer[] =>
  [...new Map(updates.flat().map((customer) => [customer.id, customer])).values()].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
