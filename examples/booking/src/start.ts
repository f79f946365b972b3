import { host } from '@seam/host';
import { defineSystem } from '@seam/service';
import * as services from './services.js';

const texts = { name: 'Booking', purpose: 'Rooms that guests book', topics: 'rooms, bookings and their sagas' };
await host(defineSystem(Object.values(services), texts));
