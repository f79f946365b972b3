import type { NotificationKind } from '@seam/contracts';
import type { Money } from '@seam/kernel';
import type { WorkKind } from '@seam/messaging';
import type { Delivered, Waiting } from '../domain/delivery.js';
import type { Recipient } from '../domain/mail.js';
import type { Details, NotificationChange } from '../domain/notification.js';

/** Queues an e-mail, or cancels one; neither has an effect if it is too late. */
export const NotificationWork: WorkKind<NotificationChange, void> = { name: 'notification' };

/** Stores a user's address; e-mails that waited for it are due at once. */
export const RecipientWork: WorkKind<Recipient & { userId: string }, void> = { name: 'recipient' };

export interface Listed {
  readonly id: string;
  readonly orderId: string;
  readonly kind: NotificationKind;
  readonly queuedAt: Date;
}

export abstract class NotificationList {
  /** A user's queued and sent notifications, newest first, from after the one named. */
  abstract of(userId: string, limit: number, after?: string): Promise<Listed[]>;
}

/** An e-mail under a lease: no other process sends it until the lease ends. */
export interface Due extends Waiting {
  readonly id: string;
  readonly orderId: string;
  readonly kind: NotificationKind;
  readonly total: Money;
  readonly details: Details;
  /** None: not known yet. */
  readonly recipient?: Recipient;
}

export abstract class MailQueue {
  /** Takes up to `limit` due e-mails, oldest first; those that another process has leased are skipped. */
  abstract claim(limit: number): Promise<Due[]>;
  /** Stores their results, and ends their leases. */
  abstract settle(delivered: readonly (Delivered & { id: string })[]): Promise<void>;
  /** Ends every lease: for a start on a store that no other process uses, where all leases are of an ended process. */
  abstract adopt(): Promise<void>;
}
