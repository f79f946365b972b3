/** What the system consists of: a line for each service. */
export { bookings } from './bookings/bookings.module.js';
export { deposits } from './deposits/deposits.module.js';
export { rooms } from './rooms/rooms.module.js';
