import { Controller } from '@nestjs/common';
import { CancelNotification } from '@seam/contracts';
import { type DataOf, done, replyTo } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { HandleCommand, type Work, work } from '@seam/messaging';
import { NotificationWork } from '../../ports/notifications.js';

@Controller()
export class CancelNotificationHandler {
  @HandleCommand(CancelNotification)
  cancel(message: Message<DataOf<typeof CancelNotification>>): Work {
    return work(NotificationWork, { type: 'cancel', ...message.data }, () => ({
      value: undefined,
      messages: replyTo(CancelNotification, message, done({})),
    }));
  }
}
