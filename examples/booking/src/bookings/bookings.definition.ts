import type { BookingService } from '../booking.service.js';
import { BookingsModule } from './bookings.module.js';

export const bookingsService: BookingService = {
  name: 'bookings',
  module: BookingsModule,
  needs: ['rooms', 'deposits'],
};
