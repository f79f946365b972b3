import type { BookingService } from '../booking.service.js';
import { BookingConfirmed } from '../bookings/bookings.contract.js';
import { CleaningModule } from './cleaning.module.js';

export const cleaningService: BookingService = {
  name: 'cleaning',
  module: CleaningModule,
  needs: ['bookings'],
  takes: [BookingConfirmed],
};
