import { Controller } from '@nestjs/common';
import { SendNotification } from '@seam/contracts';
import { type DataOf, done } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { answering, type AnswerTo, HandleCommand, lowPriority, naturallyIdempotent, work } from '@seam/messaging';
import { NotificationWork } from '../../ports/notifications.js';

@Controller()
export class SendNotificationHandler {
  @HandleCommand(SendNotification)
  send(message: Message<DataOf<typeof SendNotification>>): AnswerTo<typeof SendNotification> {
    const queued = work(NotificationWork, { type: 'send', ...message.data }, () => ({
      value: undefined,
      messages: [],
    }));
    // An e-mail is not urgent; there is one row for each order and kind, which a repeated command does not change.
    return answering(SendNotification, message, lowPriority(naturallyIdempotent(queued)), () => done({}));
  }
}
