import { Controller } from '@nestjs/common';
import { CancelNotification } from '@seam/contracts';
import { type DataOf, done } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { answering, type AnswerTo, HandleCommand, work } from '@seam/messaging';
import { NotificationWork } from '../../ports/notifications.js';

@Controller()
export class CancelNotificationHandler {
  @HandleCommand(CancelNotification)
  cancel(message: Message<DataOf<typeof CancelNotification>>): AnswerTo<typeof CancelNotification> {
    const cancelled = work(NotificationWork, { type: 'cancel', ...message.data }, () => ({
      value: undefined,
      messages: [],
    }));
    return answering(CancelNotification, message, cancelled, () => done({}));
  }
}
