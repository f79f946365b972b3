import type { CancellationCode, NotificationKind } from '@seam/contracts';
import type { Money } from '@seam/kernel';

/**
 * `queued`: to be sent. `cancelled`: taken back before it left, or before it was ordered. `failed`: given up on.
 * There is one notification per order and kind.
 */
export type NotificationStatus = 'queued' | 'sent' | 'cancelled' | 'failed';

/** What an e-mail says beside the order's total. */
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

/** Takes it back unless it has left, and for the case that it comes later. */
export interface Cancel extends Of {
  readonly type: 'cancel';
}

/** Takes it back only for the case that it comes later. */
export interface Forestall extends Of {
  readonly type: 'forestall';
}

export type NotificationChange = Send | Cancel;
export type MergedChange = NotificationChange | Forestall;

/**
 * What changes that arrived together come to: one per order and kind. A cancel wins whatever the order, because one that
 * comes first holds for the send that comes later.
 *
 * The last word to a customer is the true one: of a cancelled order no confirmation leaves any more, and none is sent
 * after word of the parcel.
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
  if (type === 'send' && kind === 'order-shipped') return [{ type: 'forestall', ...confirmation }, change];
  return [change];
}
