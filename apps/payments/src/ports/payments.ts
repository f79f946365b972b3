import type { WorkKind } from '@seam/messaging';
import type { Decision, PaymentInput } from '../domain/decide.js';
import type { Payment, PaymentState } from '../domain/payment.js';

/** A webhook event of a provider, as received; stored for later investigation. */
export interface ProviderEvent {
  readonly provider: string;
  /** The same each time the event is sent. */
  readonly id: string;
  /** The provider's name for it, which may be unknown here. */
  readonly type: string;
  readonly body: unknown;
}

export type PaymentChange = PaymentInput & {
  /** The provider's event that caused this; one that was received before changes nothing. */
  readonly event?: ProviderEvent;
};

/** Decides about a payment and stores it: each decision sees the result of the one before it, of any process. */
export const PaymentKind: WorkKind<PaymentChange, Decision> = { name: 'payment' };

/** Stores an event that is about no payment of this shop; one that was received before changes nothing. */
export const ForeignEventKind: WorkKind<ProviderEvent, void> = { name: 'foreign-event' };

/** Which payments to list; all given conditions must hold. */
export interface PaymentSearch {
  /** In any of these states. */
  readonly states?: readonly PaymentState[] | undefined;
  /** Of those that are `unknown`, whether the provider was asked to charge at least once. */
  readonly tried?: boolean | undefined;
  readonly userId?: string | undefined;
  readonly currency?: string | undefined;
  /** Minor units, both ends included. */
  readonly minAmount?: number | undefined;
  readonly maxAmount?: number | undefined;
  /** When it was created, `to` not included. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Only those with a smaller `number`. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface ListedPayment {
  readonly payment: Payment;
  /** Its position in the list: larger, the later it was created. */
  readonly number: number;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

/** Something that happened to a payment. */
export type PaymentHistoryEntry = { readonly at: Date } & (
  | { readonly type: 'known'; readonly state: PaymentState }
  | {
      readonly type: 'changed';
      /** The input. */
      readonly cause: string;
      readonly from: PaymentState;
      readonly to: PaymentState;
      /** Minor units refunded so far. */
      readonly refunded: number;
    }
  | { readonly type: 'provider-event'; readonly event: ProviderEvent }
);

/** The payments as they are stored, read without a lock. */
export abstract class Payments {
  abstract find(orderId: string): Promise<Payment | undefined>;

  /**
   * Payments with a charge, latest first. Those in a state that this process does not know are left out, because one
   * invalid row must not hide all others.
   */
  abstract list(search: PaymentSearch): Promise<ListedPayment[]>;

  /** The whole history of an order's payment, oldest first; empty if there is no payment. */
  abstract history(orderId: string): Promise<PaymentHistoryEntry[]>;
}
