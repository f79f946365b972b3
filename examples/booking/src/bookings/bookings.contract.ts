import { defineEvent } from '@seam/messaging/contract';
import { z } from 'zod';
import { Nights } from '../nights.js';

/** The room is held and the deposit taken. Published once for each booking. */
export const BookingConfirmed = defineEvent({
  service: 'bookings',
  name: 'booking-confirmed',
  data: z.object({ bookingId: z.string(), guest: z.string(), room: z.string(), nights: Nights }),
});
