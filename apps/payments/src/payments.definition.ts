import type { ServiceDefinition } from '@seam/host';
import { PaymentsModule } from './payments.module.js';

export const paymentsService: ServiceDefinition = { name: 'payments', module: PaymentsModule, needs: [] };
