import { host } from '@seam/host';
import * as listed from './services.js';
import type { BookingService } from './booking-service.js';

const services: readonly BookingService[] = Object.values(listed);

await host({
  services,
  subscriptions: Object.fromEntries(services.map(({ name, takes = [] }) => [name, takes])),
  settings: [],
  texts: { name: 'Booking', purpose: 'Rooms that guests book', topics: 'rooms, bookings and their sagas' },
});
