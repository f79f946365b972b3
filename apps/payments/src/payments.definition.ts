import type { ServiceDefinition } from '@seam/host';
import { PaymentsModule } from './payments.module.js';
import { paymentsSettings } from './payments.settings.js';

export const paymentsService: ServiceDefinition = {
  name: 'payments',
  module: PaymentsModule,
  settings: paymentsSettings,
  needs: [],
};
