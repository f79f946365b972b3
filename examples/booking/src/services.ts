/** The services of the system, one per line. */
export { bookings } from './bookings/bookings.module.js';
export { deposits } from './deposits/deposits.module.js';
export { rooms } from './rooms/rooms.module.js';
