import { defineCommand } from '@seam/messaging/contract';
import { z } from 'zod';
import { Nights } from '../nights.js';

export const RoomNumber = z.string().regex(/^[1-9]\d{0,3}$/, 'must be a number of 1 to 4 digits');
const service = 'rooms';
const OfBooking = z.object({ bookingId: z.string(), room: z.string() });
const Code = z.object({ code: z.string() });

/** Holds a room; the reply has its price per night, in cents. Refused: `UNKNOWN_ROOM`, `ROOM_TAKEN`, `RELEASED`. */
export const HoldRoom = defineCommand({
  service,
  name: 'hold-room',
  data: OfBooking.extend({ nights: Nights }),
  reply: z.object({ price: z.int() }),
});

/** Releases a booking's room. A hold of the same booking that arrives later is refused. */
export const ReleaseRoom = defineCommand({ service, name: 'release-room', data: OfBooking, reply: z.object({}) });

/** The code for the door, always the same for a booking. Refused: `NO_LOCK`, as rooms with one bed have a key. */
export const MakeCode = defineCommand({ service, name: 'make-code', data: OfBooking, reply: Code });
