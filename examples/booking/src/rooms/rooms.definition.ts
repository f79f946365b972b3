import type { BookingService } from '../booking.service.js';
import { RoomsModule } from './rooms.module.js';

export const roomsService: BookingService = { name: 'rooms', module: RoomsModule, needs: [] };
