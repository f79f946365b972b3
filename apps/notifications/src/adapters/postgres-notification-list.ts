import { Injectable } from '@nestjs/common';
import { Database } from '@seam/persistence/postgres';
import { type Listed, NotificationList } from '../ports/notifications.js';

const LIST = `
  select id, order_id as "orderId", kind, queued_at as "queuedAt" from notification
  where user_id = $1 and status in ('queued', 'sent') and ($3::uuid is null or id < $3)
  order by id desc limit $2`;

@Injectable()
export class PostgresNotificationList extends NotificationList {
  constructor(private readonly database: Database) {
    super();
  }

  of(userId: string, limit: number, after?: string): Promise<Listed[]> {
    return this.database.prepared<Listed>('notifications_list', LIST, [userId, limit, after ?? null]);
  }
}
