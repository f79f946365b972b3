import type { SystemDefinition } from '@seam/host';
import type { BookingService } from './booking.service.js';
import * as listed from './services.js';

const services: readonly BookingService[] = Object.values(listed);

export const booking: SystemDefinition = {
  services,
  subscriptions: Object.fromEntries(services.map(({ name, takes = [] }) => [name, takes])),
  settings: [],
  texts: { name: 'Booking', purpose: 'Rooms that guests book', topics: 'rooms, bookings and their sagas' },
};
