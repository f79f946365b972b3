import type { NotificationKind } from '@seam/contracts';
import type { Money } from '@seam/kernel';

/**
 * `queued`: to be sent. `cancelled`: taken back before it left, or before it was ordered. `failed`: given up on.
 * There is one notification per order and kind.
 */
export type NotificationStatus = 'queued' | 'sent' | 'cancelled' | 'failed';

export interface Send {
  readonly type: 'send';
  readonly orderId: string;
  readonly userId: string;
  readonly kind: NotificationKind;
  readonly total: Money;
}

export interface Cancel {
  readonly type: 'cancel';
  readonly orderId: string;
  readonly userId: string;
  readonly kind: NotificationKind;
}

export type NotificationChange = Send | Cancel;

/**
 * What changes that arrived together come to: one per order and kind. A cancel wins whatever the order, because one that
 * comes first holds for the send that comes later.
 */
export function merge(changes: readonly NotificationChange[]): NotificationChange[] {
  const merged = new Map<string, NotificationChange>();
  for (const change of changes) {
    const key = `${change.orderId} ${change.kind}`;
    if (merged.get(key)?.type !== 'cancel') merged.set(key, change);
  }
  return [...merged.values()];
}
