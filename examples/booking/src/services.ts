/** What the system consists of: a line for each service. */
export { bookings } from './bookings/bookings.service.js';
export { payments } from './payments/payments.service.js';
export { rooms } from './rooms/rooms.service.js';
