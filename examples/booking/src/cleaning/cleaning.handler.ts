import { Controller } from '@nestjs/common';
import { eventWork, fold } from '@seam/event-sourcing';
import { Clock, derivedId, type Message } from '@seam/kernel';
import { HandleCommand, HandleEvent, type Work } from '@seam/messaging';
import { type DataOf, done, refused, replyTo } from '@seam/messaging/contract';
import { Saga, startSaga } from '@seam/saga';
import { BookingConfirmed } from '../bookings/bookings.contract.js';
import { cleanRoomSaga } from './clean-room.saga.js';
import { AssignCleaner } from './cleaning.contract.js';
import { assign, CleaningAggregate, type CleaningEvent, DayAggregate, placeOf } from './cleaning.js';

@Controller()
export class CleaningHandler {
  constructor(private readonly clock: Clock) {}

  @HandleEvent('cleaning', BookingConfirmed)
  plan(message: Message<DataOf<typeof BookingConfirmed>>): Work {
    const { bookingId, room, nights } = message.data;
    const at = this.clock.now().toISOString();
    const id = derivedId('clean-room', bookingId);
    const streams = {
      cleaning: { aggregate: CleaningAggregate, id: bookingId },
      saga: { aggregate: Saga, id },
    };
    return eventWork(streams, ({ cleaning }) => {
      if (cleaning !== 'none') return { value: undefined };
      const planned: CleaningEvent = { type: 'planned', at, data: {} };
      const data = { bookingId, room, day: nights.to };
      const start = startSaga(cleanRoomSaga, { id, correlationId: bookingId, data }, 'planned', at, 'cleaning');
      return {
        value: undefined,
        events: { cleaning: [planned, ...start.aggregate], saga: start.saga },
        messages: start.messages,
      };
    });
  }

  @HandleCommand(AssignCleaner)
  assign(message: Message<DataOf<typeof AssignCleaner>>): Work {
    const { room, day: id } = message.data;
    const at = this.clock.now().toISOString();
    return eventWork({ day: { aggregate: DayAggregate, id: id.replaceAll('-', '') } }, ({ day }) => {
      const events = assign(day, room, at);
      if (events === undefined) {
        const full = refused('DAY_FULL', 'no cleaner has time on this day');
        return { value: undefined, messages: replyTo(AssignCleaner, message, full) };
      }
      const place = placeOf(fold(DayAggregate, events, day), room);
      return { value: undefined, events: { day: events }, messages: replyTo(AssignCleaner, message, done({ place })) };
    });
  }
}
