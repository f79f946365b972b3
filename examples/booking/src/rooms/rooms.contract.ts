import { defineCommand } from '@seam/messaging/contract';
import { z } from 'zod';
import { Nights } from '../nights.js';

export const RoomNumber = z.string().regex(/^[1-9]\d{0,3}$/, 'must be a number of 1 to 4 digits');

/** Holds a room for a booking; the reply has its price per night. Refused: `UNKNOWN_ROOM`, `ROOM_TAKEN`, `RELEASED`. */
export const HoldRoom = defineCommand({
  service: 'rooms',
  name: 'hold-room',
  data: z.object({ bookingId: z.string(), room: z.string(), nights: Nights }),
  reply: z.object({ price: z.int() }),
});

/** Releases a booking's room. A hold of the same booking that arrives later is refused. */
export const ReleaseRoom = defineCommand({
  service: 'rooms',
  name: 'release-room',
  data: z.object({ bookingId: z.string(), room: z.string() }),
  reply: z.object({}),
});
