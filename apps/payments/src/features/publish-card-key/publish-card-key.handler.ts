import { Controller } from '@nestjs/common';
import { PublishCardKey } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { type AnswerTo, HandleCommand, withOwnReplies } from '@seam/messaging';
import { CardKeys } from '../../ports/card-keys.js';

/** Ordered by services that need a key, and, a day after each key was created, by this service itself. */
@Controller()
export class PublishCardKeyHandler {
  constructor(private readonly keys: CardKeys) {}

  @HandleCommand(PublishCardKey)
  publish({ data: { replaces } }: Message<DataOf<typeof PublishCardKey>>): AnswerTo<typeof PublishCardKey> {
    return withOwnReplies(this.keys.publish(replaces));
  }
}
