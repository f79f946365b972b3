import { defineEvent } from '@seam/messaging/contract';
import { z } from 'zod';
import { Nights } from '../nights.js';

export const BookingRequest = z.object({ bookingId: z.string(), guest: z.string(), room: z.string(), nights: Nights });
export type BookingRequest = z.infer<typeof BookingRequest>;

/** The room is held and paid for. Published once for each booking. */
export const BookingConfirmed = defineEvent({ service: 'bookings', name: 'booking-confirmed', data: BookingRequest });
