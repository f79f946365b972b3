import type { WorkKind } from '@seam/messaging';
import type { Decision, PaymentInput } from '../domain/decide.js';
import type { Payment, PaymentState } from '../domain/payment.js';

/** What a provider told by itself, as it came; kept for whoever looks into it. */
export interface ProviderEvent {
  readonly provider: string;
  /** The same each time the event is sent. */
  readonly id: string;
  /** In the provider's words, which may be new to us. */
  readonly type: string;
  readonly body: unknown;
}

export type PaymentChange = PaymentInput & {
  /** The provider's event this came by; one that was received before changes nothing. */
  readonly event?: ProviderEvent;
};

/** Decides about a payment and stores it: each decision sees the one before it, from whichever process. */
export const PaymentKind: WorkKind<PaymentChange, Decision> = { name: 'payment' };

/** Keeps an event that is about no payment of ours; one that was received before changes nothing. */
export const ForeignEventKind: WorkKind<ProviderEvent, void> = { name: 'foreign-event' };

/** Which payments to list; each condition that is given has to hold. */
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
  /** When it became known, the end not included. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Only those before this place. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface ListedPayment {
  readonly payment: Payment;
  /** Its place in the list: larger, the later it became known. */
  readonly number: number;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

/** Something that happened to a payment. */
export type PaymentHistoryEntry = { readonly at: Date } & (
  | { readonly type: 'known'; readonly state: PaymentState }
  | {
      readonly type: 'changed';
      /** What came in. */
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
   * Those that were to be charged, latest first; without those in a state that this process does not know, as one bad row
   * is not to stop all others.
   */
  abstract list(search: PaymentSearch): Promise<ListedPayment[]>;

  /** All that is known of an order's payment, oldest first; empty where nothing is. */
  abstract history(orderId: string): Promise<PaymentHistoryEntry[]>;
}
