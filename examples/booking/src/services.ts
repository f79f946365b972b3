/** What the system consists of: a line for each service. */
export { bookingsService } from './bookings/bookings.definition.js';
export { cleaningService } from './cleaning/cleaning.definition.js';
export { depositsService } from './deposits/deposits.definition.js';
export { roomsService } from './rooms/rooms.definition.js';
