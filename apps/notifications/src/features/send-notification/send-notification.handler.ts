import { Controller } from '@nestjs/common';
import { type DataOf, done, replyTo, SendNotification } from '@seam/contracts';
import type { Message } from '@seam/kernel';
import { HandleCommand, patiently, type Work, work } from '@seam/messaging';
import { NotificationWork } from '../../ports/notifications.js';

@Controller()
export class SendNotificationHandler {
  @HandleCommand(SendNotification)
  send(message: Message<DataOf<typeof SendNotification>>): Work {
    // An e-mail is in no hurry.
    return patiently(
      work(NotificationWork, { type: 'send', ...message.data }, () => ({
        value: undefined,
        messages: replyTo(message, done({})),
      })),
    );
  }
}
