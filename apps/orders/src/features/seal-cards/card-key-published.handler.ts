import { Controller } from '@nestjs/common';
import { CardKeyPublished } from '@seam/contracts';
import { eventWork } from '@seam/event-sourcing';
import { Clock, type Message } from '@seam/kernel';
import { HandleEvent, naturallyIdempotent, type Work } from '@seam/messaging';
import { type CardKey, CardKeys, know, KNOWN_KEYS } from './card-keys.js';

@Controller()
export class KeepCardKeyMessages {
  constructor(private readonly clock: Clock) {}

  @HandleEvent('orders', CardKeyPublished)
  keep({ data }: Message<CardKey>): Work {
    const at = this.clock.now().toISOString();
    const kept = eventWork({ keys: { aggregate: CardKeys, id: KNOWN_KEYS } }, ({ keys }) => ({
      events: { keys: know(keys, data, at) },
      value: undefined,
    }));
    return naturallyIdempotent(kept);
  }
}
