import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import { type Listed, NotificationList } from '../../ports/notifications.js';

/** A user's e-mails, queued and sent, newest first. */
export class ListNotifications extends Query<readonly Listed[]> {
  constructor(
    readonly userId: string,
    readonly limit: number,
    /** Only those after this one in the list. */
    readonly after: string | undefined,
  ) {
    super();
  }
}

@QueryHandler(ListNotifications)
export class ListNotificationsHandler implements IQueryHandler<ListNotifications> {
  constructor(private readonly notifications: NotificationList) {}

  execute({ userId, limit, after }: ListNotifications): Promise<readonly Listed[]> {
    return this.notifications.of(userId, limit, after);
  }
}
