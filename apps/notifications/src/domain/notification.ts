import type { CancellationCode, NotificationKind } from '@seam/contracts';
import type { Money } from '@seam/kernel';

/**
 * `queued`: to be sent. `cancelled`: cancelled before it was sent, or before it was ordered. `failed`: given up.
 * There is one notification per order and kind.
 */
export type NotificationStatus = 'queued' | 'sent' | 'cancelled' | 'failed';

/** The content of an e-mail besides the order's total. */
export interface Details {
  /** Why the order was cancelled. */
  readonly code?: CancellationCode | undefined;
  /** The parcel's number. */
  readonly tracking?: string | undefined;
}

interface Of {
  readonly orderId: string;
  readonly userId: string;
  readonly kind: NotificationKind;
}

export interface Send extends Of, Details {
  readonly type: 'send';
  readonly total: Money;
}

/** Cancels it unless it was sent, also if it is ordered later. */
export interface Cancel extends Of {
  readonly type: 'cancel';
}

/** Cancels it only if it is ordered later. */
export interface PreventSend extends Of {
  readonly type: 'prevent-send';
}

export type NotificationChange = Send | Cancel;
export type MergedChange = NotificationChange | PreventSend;

/**
 * Merges changes that arrived together: one per order and kind. A cancel wins in any order, because a cancel that comes
 * first also applies to the send that comes later.
 *
 * The last e-mail to a customer must be true: no confirmation is sent for a cancelled order, and none after the e-mail
 * about the shipment.
 */
export function merge(changes: readonly NotificationChange[]): MergedChange[] {
  const merged = new Map<string, MergedChange>();
  for (const change of changes.flatMap(withWhatItEnds)) {
    const key = `${change.orderId} ${change.kind}`;
    const before = merged.get(key)?.type;
    if (before === undefined || change.type === 'cancel') merged.set(key, change);
  }
  return [...merged.values()];
}

function withWhatItEnds(change: NotificationChange): MergedChange[] {
  const { type, kind, orderId, userId } = change;
  const confirmation = { orderId, userId, kind: 'order-confirmed' } as const;
  if (type === 'send' && kind === 'order-cancelled') return [{ type: 'cancel', ...confirmation }, change];
  if (type === 'send' && kind === 'order-shipped') return [{ type: 'prevent-send', ...confirmation }, change];
  return [change];
}
