import { Controller } from '@nestjs/common';
import { SendNotification } from '@seam/contracts';
import { type DataOf, done, replyTo } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { HandleCommand, lowPriority, type Work, work } from '@seam/messaging';
import { NotificationWork } from '../../ports/notifications.js';

@Controller()
export class SendNotificationHandler {
  @HandleCommand(SendNotification)
  send(message: Message<DataOf<typeof SendNotification>>): Work {
    // An e-mail is in no hurry.
    return lowPriority(
      work(NotificationWork, { type: 'send', ...message.data }, () => ({
        value: undefined,
        messages: replyTo(message, done({})),
      })),
    );
  }
}
