import { host } from '@seam/host';
import { booking } from './booking.system.js';

await host(booking);
