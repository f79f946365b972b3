import { type Backoff, backoffMs, unreachable } from '@seam/kernel';
import type { NotificationStatus } from './notification.js';

/** Number of attempts before an e-mail is given up: about an hour and a half. */
export const DELIVERY_ATTEMPTS = 12;

const FIRST_DELAY_MS = 5_000;
const RETRIES: Backoff = { firstMs: FIRST_DELAY_MS, longestMs: 15 * 60_000, jitter: 0 };
const LONGEST_WAIT_MS = 60 * 60_000;

export interface Waiting {
  /** Failed so far. */
  readonly attempts: number;
  readonly queuedAt: Date;
}

export interface Delivered {
  readonly status: NotificationStatus;
  readonly attempts: number;
  /** The time of the next attempt, if it is still queued. */
  readonly nextAt: Date;
  /** The recipient is not known yet. */
  readonly awaitsRecipient: boolean;
}

/** The result of an attempt, and when the next one is due. */
export function afterAttempt(
  { attempts, queuedAt }: Waiting,
  attempt: 'sent' | 'failed' | 'no-recipient',
  now: Date,
): Delivered {
  switch (attempt) {
    case 'sent':
      return { status: 'sent', attempts, nextAt: now, awaitsRecipient: false };
    case 'failed': {
      const failed = attempts + 1;
      const delay = backoffMs(RETRIES, failed);
      const status = failed >= DELIVERY_ATTEMPTS ? 'failed' : 'queued';
      return { status, attempts: failed, nextAt: new Date(now.getTime() + delay), awaitsRecipient: false };
    }
    case 'no-recipient': {
      // Not a failure: the user's registration is still to come, and makes the e-mail due when it arrives.
      const age = Math.max(0, now.getTime() - queuedAt.getTime());
      const delay = Math.min(LONGEST_WAIT_MS, Math.max(FIRST_DELAY_MS, age));
      return { status: 'queued', attempts, nextAt: new Date(now.getTime() + delay), awaitsRecipient: true };
    }
    default:
      return unreachable(attempt);
  }
}
