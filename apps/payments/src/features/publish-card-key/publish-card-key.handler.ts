import { Controller } from '@nestjs/common';
import { PublishCardKey } from '@seam/contracts';
import type { DataOf } from '@seam/messaging/contract';
import type { Message } from '@seam/kernel';
import { HandleCommand, type Work } from '@seam/messaging';
import { CardKeys } from '../../ports/card-keys.js';

/** Ordered by services that need a key, and, a day after each key was created, by this service itself. */
@Controller()
export class PublishCardKeyHandler {
  constructor(private readonly keys: CardKeys) {}

  @HandleCommand(PublishCardKey)
  publish({ data: { replaces } }: Message<DataOf<typeof PublishCardKey>>): Work {
    return this.keys.publish(replaces);
  }
}
