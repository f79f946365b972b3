import { Controller } from '@nestjs/common';
import { SendNotification } from '@seam/contracts';
import { type DataOf, done, replyTo } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { HandleCommand, lowPriority, naturallyIdempotent, type Work, work } from '@seam/messaging';
import { NotificationWork } from '../../ports/notifications.js';

@Controller()
export class SendNotificationHandler {
  @HandleCommand(SendNotification)
  send(message: Message<DataOf<typeof SendNotification>>): Work {
    const queued = work(NotificationWork, { type: 'send', ...message.data }, () => ({
      value: undefined,
      messages: replyTo(SendNotification, message, done({})),
    }));
    // An e-mail is not urgent; there is one row for each order and kind, which a repeated command does not change.
    return lowPriority(naturallyIdempotent(queued));
  }
}
