import { Controller } from '@nestjs/common';
import { eventWork } from '@seam/event-sourcing';
import { Clock, type Message } from '@seam/kernel';
import { HandleCommand, type Work } from '@seam/messaging';
import { type DataOf, done, refused, replyTo } from '@seam/messaging/contract';
import { hold, release, RoomAggregate } from './room.js';
import { HoldRoom, ReleaseRoom } from './rooms.contract.js';

/** What bookings ask of rooms: each change and its answer are one commit. */
@Controller()
export class HoldRoomHandler {
  constructor(private readonly clock: Clock) {}

  @HandleCommand(HoldRoom)
  hold(message: Message<DataOf<typeof HoldRoom>>): Work {
    const { bookingId, room: id, nights } = message.data;
    const at = this.clock.now().toISOString();
    return eventWork({ room: { aggregate: RoomAggregate, id } }, ({ room }) => {
      const held = hold(room, bookingId, nights, at);
      return 'refused' in held
        ? { value: undefined, messages: replyTo(HoldRoom, message, refused(held.refused, held.reason)) }
        : { value: undefined, events: { room: held.events }, messages: replyTo(HoldRoom, message, done({})) };
    });
  }

  @HandleCommand(ReleaseRoom)
  release(message: Message<DataOf<typeof ReleaseRoom>>): Work {
    const { bookingId, room: id } = message.data;
    const at = this.clock.now().toISOString();
    return eventWork({ room: { aggregate: RoomAggregate, id } }, ({ room }) => ({
      value: undefined,
      events: { room: release(room, bookingId, at) },
      messages: replyTo(ReleaseRoom, message, done({})),
    }));
  }
}
