import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { NotificationKind } from '@seam/contracts';
import { QueryBus } from '@seam/cqrs';
import { Answers, decodeCursor, type Page, pageOf, PageQuery, toPage } from '@seam/host';
import { Authenticated, Caller } from '@seam/security';
import { z } from 'zod';
import { ListNotifications } from './list-notifications.handler.js';

const NotificationView = z.object({
  id: z.uuid(),
  orderId: z.uuid(),
  kind: NotificationKind,
  at: z.iso.datetime().describe('When it was queued to be sent'),
});
type NotificationView = z.infer<typeof NotificationView>;

const example: Page<NotificationView> = {
  items: [
    {
      id: '0198a7c2-5b1e-7c3d-8f6a-2b9d4e1c7a50',
      orderId: '0198a7c2-5b1e-8c3d-8f6a-2b9d4e1c7a50',
      kind: 'order-confirmed',
      at: '2026-11-22T10:00:00.000Z',
    },
  ],
  nextCursor: null,
};

@ApiTags('notifications')
@Controller('api/notifications')
export class ListNotificationsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Authenticated()
  @ApiOperation({ summary: 'The e-mails that were sent to you or will be; newest first' })
  @Answers(200, pageOf(NotificationView), { example })
  async list(
    @Query({ schema: PageQuery }) { limit, cursor }: PageQuery,
    @Caller() caller: Caller,
  ): Promise<Page<NotificationView>> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor, z.uuid().lowercase());
    const rows = await this.queries.execute(new ListNotifications(caller.userId, limit + 1, after));
    return toPage(
      rows,
      limit,
      ({ id }) => id,
      ({ id, orderId, kind, queuedAt }) => ({ id, orderId, kind, at: queuedAt.toISOString() }),
    );
  }
}
