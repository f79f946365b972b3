import { Controller } from '@nestjs/common';
import { UserRegistered } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { HandleEvent, type Work, work } from '@seam/messaging';
import { RecipientWork } from '../../ports/notifications.js';

@Controller()
export class UserRegisteredHandler {
  @HandleEvent('notifications', UserRegistered)
  keep({ data: { userId, email, name } }: Message<DataOf<typeof UserRegistered>>): Work {
    return work(RecipientWork, { userId, email, name }, () => ({ value: undefined, messages: [] }));
  }
}
