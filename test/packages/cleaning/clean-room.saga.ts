import { defineCommand } from '@seam/messaging/contract';
import { saga, send } from '@seam/saga';
import { z } from 'zod';
import { Cleaning } from './cleaning.js';

/** Puts a room on the list of rooms to be cleaned on a day; the reply has its place, from 1. Refused: `DAY_FULL`. */
export const AssignCleaner = defineCommand({
  service: 'cleaning',
  name: 'assign-cleaner',
  data: z.object({ room: z.string(), day: z.string() }),
  reply: z.object({ place: z.int() }),
});

export const cleanRoom = saga('clean-room', {
  version: 1,
  input: z.object({ bookingId: z.string(), room: z.string(), day: z.string() }),
  aggregate: Cleaning,
  aggregateId: ({ bookingId }) => bookingId,
})
  .started('plan', { compensate: ({ at }) => [{ type: 'given-up', at, data: {} }] })
  .call(
    'assign-cleaner',
    send(AssignCleaner, ({ input: { room, day } }) => ({ room, day })),
  )
  .decide('record-place', ({ at, results }) => [{ type: 'assigned', at, data: results['assign-cleaner'] }]);
