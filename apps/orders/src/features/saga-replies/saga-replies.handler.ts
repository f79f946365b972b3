import { Controller } from '@nestjs/common';
import type { Reply } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { HandleReplies, type Work } from '@seam/messaging';
import { SagaRunner } from '@seam/saga';

/** Answers to the sagas' commands. */
@Controller()
export class SagaRepliesMessages {
  constructor(private readonly runner: SagaRunner) {}

  @HandleReplies('orders')
  reply(message: Message<Reply>): Work {
    return this.runner.onReply(message);
  }
}
