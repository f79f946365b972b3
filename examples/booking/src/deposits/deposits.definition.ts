import type { BookingService } from '../booking.service.js';
import { DepositsModule } from './deposits.module.js';

export const depositsService: BookingService = { name: 'deposits', module: DepositsModule, needs: [] };
