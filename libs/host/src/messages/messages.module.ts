import { Module } from '@nestjs/common';
import { CqrsModule } from '@seam/cqrs';
import { DeadLettersController } from './dead-letters.controller.js';
import { DiscardDeadLetterHandler } from './discard-dead-letter.handler.js';
import { EditDeadLetterHandler } from './edit-dead-letter.handler.js';
import { GetDeadLetterHandler } from './get-dead-letter.handler.js';
import { GroupDeadLettersHandler } from './group-dead-letters.handler.js';
import { ListDeadLetterActionsHandler } from './list-dead-letter-actions.handler.js';
import { ListDeadLettersHandler } from './list-dead-letters.handler.js';
import { ListOutboxesHandler } from './list-outboxes.handler.js';
import { OutboxController } from './outbox.controller.js';
import { RedriveDeadLetterHandler } from './redrive-dead-letter.handler.js';

/** The dead letters and outboxes of all services of a process, for operators. */
@Module({
  imports: [CqrsModule],
  controllers: [DeadLettersController, OutboxController],
  providers: [
    ListDeadLettersHandler,
    GroupDeadLettersHandler,
    GetDeadLetterHandler,
    RedriveDeadLetterHandler,
    EditDeadLetterHandler,
    DiscardDeadLetterHandler,
    ListDeadLetterActionsHandler,
    ListOutboxesHandler,
  ],
})
export class MessagesModule {}
