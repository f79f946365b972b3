/** What the system consists of: a line for each service. */
export { bookings } from './bookings/bookings.definition.js';
export { payments } from './payments/payments.definition.js';
export { rooms } from './rooms/rooms.definition.js';
